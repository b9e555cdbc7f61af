import { WorkbenchError } from '../engine/errors.ts';
import { explainError } from '../engine/formats/explain-error.ts';
import { check, inOneLine, problemText } from '../engine/problems.ts';
import type { WorkbenchMethods } from '../services/shared/workbench-types.ts';
import { methods, isMethodName } from './contract.ts';
import type { ApiError, Envelope, MethodName, MethodParamsParsed, MethodResult } from './contract.ts';
import type { EventListener } from './event-hub.ts';

export interface Router {
  /** Never throws: whatever arrives, an envelope goes back. */
  call(method: unknown, params: unknown): Promise<Envelope<unknown>>;
  /** Returns what ends the subscription. */
  subscribe(listener: EventListener): () => void;
}

export interface RouterOptions {
  readonly subscribe: (listener: EventListener) => () => void;
  /** Told about errors that are not for people. Writes the stack to stderr unless told otherwise. */
  readonly reportDefect?: (error: unknown) => void;
  /** Holds results against the contract too: costs time on long lists, so it is for tests. */
  readonly checkResults?: boolean;
}

type Handlers = {
  readonly [M in MethodName]: (params: MethodParamsParsed<M>) => MethodResult<M> | Promise<MethodResult<M>>;
};

/** Total over the contract: a method without a handler, or with a wrong one, fails tsc. */
const createHandlers = ({
  app,
  devices,
  models,
  datasets,
  experiments,
  runs,
  adapters,
  exports,
}: WorkbenchMethods): Handlers => ({
  'app.doctor': () => app.doctor(),
  'devices.list': () => devices.list(),
  'devices.probe': () => devices.probe(),
  'app.showCache': () => app.showCache(),
  'app.clearCache': () => app.clearCache(),
  'models.list': () => models.list(),
  'models.show': (params) => models.show(params),
  'models.import': (params) => models.import(params),
  'models.verify': (params) => models.verify(params),
  'models.remove': (params) => models.remove(params),
  'datasets.list': () => datasets.list(),
  'datasets.show': (params) => datasets.show(params),
  'datasets.import': (params) => datasets.import(params),
  'datasets.remove': (params) => datasets.remove(params),
  'datasets.preview': (params) => datasets.preview(params),
  'experiments.list': () => experiments.list(),
  'experiments.show': (params) => experiments.show(params),
  'experiments.create': (params) => experiments.create(params),
  'experiments.estimate': (params) => experiments.estimate(params),
  'experiments.start': (params) => experiments.start(params),
  'experiments.remove': (params) => experiments.remove(params),
  'experiments.compare': (params) => experiments.compare(params),
  'runs.show': (params) => runs.show(params),
  'runs.start': (params) => runs.start(params),
  'runs.pause': (params) => runs.pause(params),
  'runs.resume': (params) => runs.resume(params),
  'runs.cancel': (params) => runs.cancel(params),
  'runs.metrics': (params) => runs.metrics(params),
  'adapters.list': () => adapters.list(),
  'adapters.show': (params) => adapters.show(params),
  'adapters.import': (params) => adapters.import(params),
  'adapters.remove': (params) => adapters.remove(params),
  'exports.list': () => exports.list(),
  'exports.show': (params) => exports.show(params),
  'exports.create': (params) => exports.create(params),
});

/** The one door to the workbench, whatever transport a call came by. */
export const createRouter = (workbench: WorkbenchMethods, options: RouterOptions): Router => {
  const { subscribe, reportDefect = writeStack, checkResults = process.env['NODE_ENV'] === 'test' } = options;
  const handlers = createHandlers(workbench);

  const answer = async (method: unknown, params: unknown): Promise<unknown> => {
    if (!isMethodName(method)) throw new WorkbenchError('invalid-input', `no such method: ${nameOf(method)}`);
    const { value, problems } = check(methods[method].params, params ?? {});
    if (problems.length > 0) {
      throw new WorkbenchError('invalid-input', `${method}: ${inOneLine(problems.map(problemText))}`);
    }
    const handler = handlers[method] as (params: unknown) => unknown;
    const result = await handler(value);
    return checkResults ? methods[method].result.parse(result) : result;
  };

  return {
    subscribe,
    async call(method, params) {
      try {
        return { ok: true, result: await answer(method, params) };
      } catch (error) {
        const told = describeError(error);
        if (!(error instanceof WorkbenchError) && told.code === 'internal') reportDefect(error);
        return { ok: false, error: told };
      }
    },
  };
};

/** What people are told of an error. */
export const describeError = (error: unknown): ApiError => {
  const { code, message } = explainError(error);
  return { code, message };
};

const nameOf = (method: unknown): string =>
  typeof method === 'string' ? JSON.stringify(method.slice(0, 60)) : `a ${typeof method}`;

const writeStack = (error: unknown): void => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
};
