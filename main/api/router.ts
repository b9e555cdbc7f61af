import { WorkbenchError } from '../engine/errors.ts';
import { explainError } from '../engine/formats/explain-error.ts';
import { check, inOneLine, problemText } from '../engine/problems.ts';
import type { ConfinePaths } from '../services/folders/confine-paths.ts';
import { withNamedPaths } from '../services/shared/absolute-path.ts';
import type { EventListener } from '../services/shared/event-bus.ts';
import { methods, isMethodName } from './contract.ts';
import type { ApiError, Envelope, MethodName, WorkbenchMethods } from './contract.ts';

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
  /** Asked before any call is made: throws where it can't be made now. */
  readonly admit?: (method: MethodName) => void;
  /** Awaited after a call was made and before it is answered: throws where what it changed can't be kept. */
  readonly settle?: (method: MethodName) => Promise<void>;
  /** Asked before a call is made: throws where it may not name one of these. */
  readonly confine?: ConfinePaths;
  /** Holds results against the contract too: costs time on long lists, so it is for tests. */
  readonly checkResults?: boolean;
}

/** The one door to the workbench, whatever transport a call came by. */
export const createRouter = (workbench: WorkbenchMethods, options: RouterOptions): Router => {
  const {
    subscribe,
    admit,
    settle,
    confine,
    reportDefect = writeStack,
    checkResults = process.env['NODE_ENV'] === 'test',
  } = options;

  const answer = async (method: unknown, params: unknown): Promise<unknown> => {
    if (!isMethodName(method)) throw new WorkbenchError('invalid-input', `no such method: ${nameOf(method)}`);
    admit?.(method);
    if (!isWellFormed(params))
      throw new WorkbenchError(
        'invalid-input',
        `${method}: a text holds half of a surrogate pair, which is no character`,
      );
    const { result: read, paths } = withNamedPaths(() => check(methods[method].params, params ?? {}));
    const { value, problems } = read;
    if (problems.length > 0) {
      throw new WorkbenchError('invalid-input', `${method}: ${inOneLine(problems.map(problemText))}`);
    }
    await confine?.(paths);
    const result = await handlerOf(workbench, method)(value);
    await settle?.(method);
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

/** `models.show` is `workbench.models.show`: that each method has one, of the right type, is what WorkbenchMethods says. */
const handlerOf = (workbench: WorkbenchMethods, method: MethodName): ((params: unknown) => unknown) => {
  const [group, name] = method.split('.') as [keyof WorkbenchMethods, string];
  return (workbench[group] as Record<string, (params: unknown) => unknown>)[name]!;
};

/** What people are told of an error. */
export const describeError = (error: unknown): ApiError => {
  const { code, message } = explainError(error);
  return { code, message };
};

/** SQLite and files would keep another text than the one that was given. */
const isWellFormed = (value: unknown): boolean => {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return true;
  return Object.entries(value).every(([key, entry]) => key.isWellFormed() && isWellFormed(entry));
};

const nameOf = (method: unknown): string =>
  typeof method === 'string' ? JSON.stringify(method.slice(0, 60)) : `a ${typeof method}`;

const writeStack = (error: unknown): void => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
};
