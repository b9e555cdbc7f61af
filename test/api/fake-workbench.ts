import { invalidInput } from '../../main/engine/errors.ts';
import { createEventBus } from '../../main/services/shared/event-bus.ts';
import type { EventBus } from '../../main/services/shared/event-bus.ts';
import { createRouter } from '../../main/api/router.ts';
import type { Router } from '../../main/api/router.ts';
import type { Dataset, Model } from '../../main/api/contract.ts';
import type { WorkbenchMethods } from '../../main/services/shared/methods.ts';

export const model: Model = {
  id: 'abc123',
  name: 'sample',
  directory: '/models/sample',
  architecture: 'llama',
  parameters: 1000,
  dtype: 'float32',
  bytes: 4000,
  layers: 2,
  hiddenSize: 8,
  vocabularySize: 16,
  maximumPositions: 32,
  targetModules: [{ name: 'q_proj', count: 2, outFeatures: 8, inFeatures: 8 }],
  hasChatTemplate: false,
  drawnSides: null,
  classifier: null,
  objective: 'next-token',
  contentHash: 'ab'.repeat(32),
  notices: [],
  builtIn: true,
  createdAt: '2026-01-01T00:00:00.000Z',
};

export const dataset: Dataset = {
  id: 'def456',
  name: 'sea',
  trainFile: '/data/sea.jsonl',
  validationFile: null,
  trainSeparator: null,
  validationSeparator: null,
  form: null,
  unusedColumns: [],
  format: { kind: 'text', column: 'text' },
  columns: ['text'],
  trainRows: 3,
  validationRows: null,
  bytes: 99,
  builtIn: false,
  createdAt: '2026-01-01T00:00:00.000Z',
};

type Group = Record<string, (params: unknown) => unknown>;

/** A workbench that answers what a test has it answer; every other method fails as a defect would. */
export const fakeWorkbench = (
  answers: Readonly<Record<string, (params: never) => unknown>> = {},
): WorkbenchMethods => {
  const group = (prefix: string): Group =>
    new Proxy<Group>(
      {},
      {
        get: (_, name: string) => (params: unknown) => {
          const answer = answers[`${prefix}.${name}`];
          if (answer === undefined) throw new TypeError(`${prefix}.${name} is not part of this test`);
          return Reflect.apply(answer, undefined, [params]);
        },
      },
    );
  return new Proxy({} as WorkbenchMethods, { get: (_, prefix: string) => group(prefix) });
};

export interface FakeRouter {
  readonly router: Router;
  readonly hub: EventBus;
  /** What was reported as a defect of the program. */
  readonly defects: unknown[];
}

export const fakeRouter = (answers: Parameters<typeof fakeWorkbench>[0] = {}): FakeRouter => {
  const defects: unknown[] = [];
  const reportDefect = (error: unknown): void => void defects.push(error);
  const hub = createEventBus(reportDefect);
  const given = {
    'models.list': () => [model],
    'models.import': () => {
      throw invalidInput('config.json: not there');
    },
    ...answers,
  };
  const router = createRouter(fakeWorkbench(given), { subscribe: hub.subscribe, reportDefect });
  return { router, hub, defects };
};
