import { describe, expect, test } from 'vitest';
import { generationSettingsSchema, methods, metricRegistry } from '../../main/api/contract.ts';
import { WorkbenchError } from '../../main/engine/errors.ts';
import { createRouter } from '../../main/api/router.ts';
import { dataset, fakeRouter, fakeWorkbench, model } from './fake-workbench.ts';
import { oneOfMethods } from '../support/method-names.ts';

const view = {
  filter: '',
  archived: false,
  sort: null,
  group: null,
  columns: ['name'],
  pinned: [],
  differing: false,
};

describe('a call', () => {
  test('comes back with its result', async () => {
    const { router } = fakeRouter();
    expect(await router.call('models.list', {})).toEqual({ ok: true, result: [model] });
    expect(await router.call('models.list', undefined)).toEqual({ ok: true, result: [model] });
  });

  test('is answered once what it changed is kept, and refused where that can’t be', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const settled: string[] = [];
    const router = createRouter(
      fakeWorkbench({ 'models.list': () => [model], 'datasets.list': () => [dataset] }),
      {
        subscribe: () => () => undefined,
        settle: (method) => {
          settled.push(method);
          if (method === 'datasets.list') throw new WorkbenchError('no-space', 'the disk is full');
          return promise;
        },
      },
    );
    let isAnswered = false;
    const answer = router.call('models.list', {}).finally(() => (isAnswered = true));
    await new Promise((next) => setTimeout(next, 5));
    expect([settled, isAnswered]).toEqual([['models.list'], false]);
    resolve();
    expect(await answer).toEqual({ ok: true, result: [model] });
    expect(await router.call('datasets.list', {})).toEqual({
      ok: false,
      error: { code: 'no-space', message: 'the disk is full' },
    });
  });

  test('reaches its handler with parsed parameters, defaults filled in', async () => {
    const received: unknown[] = [];
    const preview = {
      report: { rows: 0, kept: 0, truncated: 0, withoutTargets: 0, tokens: 0, targetTokens: 0 },
      notices: [],
      examples: [],
      classes: null,
      problem: null,
    };
    const { router } = fakeRouter({ 'datasets.preview': (params) => (received.push(params), preview) });
    expect(await router.call('datasets.preview', { id: 'd', modelId: 'm' })).toEqual({
      ok: true,
      result: preview,
    });
    expect(received).toEqual([
      {
        id: 'd',
        modelId: 'm',
        sequenceLength: 256,
        lossOn: 'completion',
        count: 5,
        firstRow: 0,
        date: '2024-07-26',
      },
    ]);
  });

  test('waits for handlers that take their time', async () => {
    const { router } = fakeRouter({ 'datasets.import': () => Promise.resolve(dataset) });
    expect(await router.call('datasets.import', { trainFile: '/a.jsonl' })).toEqual({
      ok: true,
      result: dataset,
    });
  });

  test.each(Object.keys(methods))('%s has a handler of its own', async (method) => {
    const reached: string[] = [];
    const answers = Object.fromEntries(
      Object.keys(methods).map((name) => [name, () => void reached.push(name)]),
    );
    const { router } = fakeRouter(answers);
    const name = `${method.split('.')[0]}`;
    const candidates = [
      {},
      { id: 'x' },
      { id: 'x', modelId: 'm' },
      { directory: '/d' },
      { directory: '/d', name: 'n' },
      { directory: '/d', modelId: 'm' },
      { trainFile: '/f' },
      { runId: 'r', kind: 'merged' },
      definition,
      comparison,
      { template: 't', model: 'm', dataset: 'd' },
      { id: 'd', names: ['a.png'] },
      { id: 'd', modelId: 'm', template: 'a {}.' },
      { presets: ['p'], model: 'm', dataset: 'd' },
      { id: 'x', kind: 'q_proj 8x8' },
      { parts: [{ adapterId: 'a', weight: 1 }] },
      { id: 'x', task: 't' },
      { ids: ['1'] },
      { targetPath: '/f.tar' },
      { sourcePath: '/f.tar' },
      { id: 'x', format: 'json' },
      { runIds: ['r'] },
      { part: 'cache' },
      { ids: ['r'] },
      { id: 'x', steps: 1 },
      { group: 'method' },
      { runIds: ['r'], experimentIds: [] },
      { name: 'n', definition: view },
      { id: 'x', note: 'n' },
      { id: 'x', name: 'n' },
      { runIds: ['r'], metrics: ['train/loss'] },
      { modelId: 'm' },
      { modelId: 'm', arms: [null], rows: [{ arm: 0, prompt }] },
      { modelId: 'm', arms: [null], picture: { path: '/p' }, classes: ['a', 'b'] },
      { modelId: 'm', arms: [null], datasetId: 'd' },
      { modelId: 'm', arms: [null], wanted: [{ prompt: 'a cat', seed: 1 }] },
      { modelId: 'm', arms: [null] },
      { arms: ['a', 'b'].map((name) => ({ name, folder: '/d' })) },
      { comparisonId: 'c', arms: ['a', 'b'], seed: 1 },
      { id: 'x', pair: 0 },
      { id: 'x', step: 0, position: 0 },
      { id: 'x', task: 't', runId: null, position: 0 },
      { id: 'x', pair: 0, choice: 'tie' },
      { arms: [{ name: 'a', runs: [{ folder: '/d' }] }], subjectFolder: '/d', modelIds: ['m'] },
      { modelId: 'm', left: spoken, right: spoken, choice: 'tie', prompt, settings: generationSettings },
      { runId: 'r' },
      { runId: 'r', destination: '/d' },
      { text: 't', name: 'f' },
      { path: '/p' },
      { job: 'j' },
    ];
    for (const params of candidates) await router.call(method, params);
    expect(new Set(reached), name).toEqual(new Set([method]));
  });
});

const prompt = { form: 'text', text: 'Call me' };
const spoken = { adapterId: null, answer: 'Ishmael' };
const generationSettings = generationSettingsSchema.parse({});
const comparison = {
  definition: {
    version: 1,
    name: 'c',
    model: 'm',
    dataset: 'd',
    arms: ['a', 'b'].map((name) => ({ name, adapter: { method: 'lora' } })),
  },
};
const definition = {
  definition: {
    version: 1,
    name: 'e',
    model: 'm',
    dataset: 'd',
    configurations: [{ name: 'a', adapter: { method: 'lora' } }],
  },
};

test('whoever draws metrics is told what they are', async () => {
  const { router } = fakeRouter({ 'metrics.list': () => metricRegistry });
  const envelope = await router.call('metrics.list', {});
  expect(envelope).toEqual({ ok: true, result: metricRegistry });
  expect(metricRegistry).toContainEqual(
    expect.objectContaining({
      name: 'validation/perplexity',
      label: 'held-out perplexity',
      group: 'evaluation',
    }),
  );
});

describe('what is not a method', () => {
  const names = [
    'models.shw',
    '',
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'models',
    'models.__proto__',
    'models.constructor',
  ];

  test.each(names)('%j is refused by name', async (name) => {
    const { router, defects } = fakeRouter();
    const error = { code: 'invalid-input', message: `no such method: ${JSON.stringify(name)}` };
    expect(await router.call(name, {})).toEqual({ ok: false, error });
    expect(defects).toEqual([]);
  });

  test.each([undefined, null, 7, ['models.list'], { toString: () => 'models.list' }])(
    '%j is no name at all',
    async (name) => {
      const envelope = await fakeRouter().router.call(name, {});
      expect(envelope).toMatchObject({ ok: false, error: { code: 'invalid-input' } });
    },
  );
});

describe('wrong parameters', () => {
  const messageOf = async (method: string, params: unknown): Promise<string> => {
    const envelope = await fakeRouter().router.call(method, params);
    if (envelope.ok) throw new Error('expected an error');
    expect(envelope.error.code).toBe('invalid-input');
    return envelope.error.message;
  };

  test('are named with their fields, all in one line', async () => {
    expect(await messageOf('models.show', {})).toBe('models.show: id: missing, expected text');
    expect(await messageOf('models.show', { id: '' })).toBe(
      'models.show: id: expected at least 1 character, not ""',
    );
    expect(await messageOf('models.show', { id: 'a', extra: 1 })).toBe('models.show: extra: no such field');
    expect(await messageOf('models.show', [])).toBe('models.show: expected fields, not an empty list');
    expect(await messageOf('datasets.preview', { id: 'd', modelId: 3, count: 99 })).toBe(
      'datasets.preview: modelId: expected text, not 3; count: expected at most 50, not 99',
    );
  });

  test('inside an experiment are named by their path', async () => {
    const wrong = structuredClone(definition) as {
      definition: { configurations: unknown[]; training?: unknown };
    };
    wrong.definition.training = { steps: 1.5, schedule: 'up' };
    wrong.definition.configurations.push(
      { name: 'b', adapter: { method: 'magic' } },
      { name: 'c', adapter: {} },
    );
    expect(await messageOf('experiments.create', wrong)).toBe(
      'experiments.create: definition.training.steps: expected a whole number, not 1.5; ' +
        'definition.training.schedule: expected "constant", "linear" or "cosine", not "up"; ' +
        `definition.configurations[1].adapter.method: expected ${oneOfMethods}, not "magic"; ` +
        `definition.configurations[2].adapter.method: missing, expected ${oneOfMethods}`,
    );
  });

  test('are told of briefly, however many and however long they are', async () => {
    const params = Object.fromEntries(
      Array.from({ length: 30 }, (_, index) => [`field${index}`, 'x'.repeat(5000)]),
    );
    const message = await messageOf('app.doctor', params);
    expect(message).toContain('field4: no such field; and 25 more');
    expect(message.length).toBeLessThan(300);
    expect((await messageOf('exports.create', { runId: 'r', kind: 'x'.repeat(5000) })).length).toBeLessThan(
      200,
    );
  });
});

describe('errors', () => {
  test('for people keep code and message, and are not reported as defects', async () => {
    const { router, defects } = fakeRouter({
      'models.show': () => {
        throw new WorkbenchError('not-found', 'no model "x"');
      },
    });
    expect(await router.call('models.show', { id: 'x' })).toEqual({
      ok: false,
      error: { code: 'not-found', message: 'no model "x"' },
    });
    expect(defects).toEqual([]);
  });

  test('of the program become internal, in one line, and are reported with their stack', async () => {
    const error = new RangeError('off by one\n    at somewhere');
    const { router, defects } = fakeRouter({ 'models.show': () => Promise.reject(error) });
    expect(await router.call('models.show', { id: 'x' })).toEqual({
      ok: false,
      error: {
        code: 'internal',
        message: 'something went wrong inside the workbench (RangeError: off by one)',
      },
    });
    expect(defects).toEqual([error]);
  });

  test('thrown as anything are survived', async () => {
    const { router } = fakeRouter({
      'models.show': () => {
        throw 'a string'; // eslint-disable-line @typescript-eslint/only-throw-error
      },
    });
    expect(await router.call('models.show', { id: 'x' })).toMatchObject({
      ok: false,
      error: { code: 'internal' },
    });
  });

  test('include results that break the contract, in tests', async () => {
    const { router, defects } = fakeRouter({ 'models.list': () => [{ ...model, parameters: 1.5 }] });
    expect(await router.call('models.list', {})).toMatchObject({ ok: false, error: { code: 'internal' } });
    expect(defects).toHaveLength(1);
  });
});

describe('events', () => {
  test('reach everyone who listens, until they stop, whatever the others do', () => {
    const { router, hub, defects } = fakeRouter();
    const heard: string[] = [];
    router.subscribe(() => {
      throw new Error('a bad listener');
    });
    const stop = router.subscribe((event) => heard.push(event.name));
    hub.emit({ name: 'models.changed', payload: {} });
    stop();
    hub.emit({ name: 'datasets.changed', payload: {} });
    expect(heard).toEqual(['models.changed']);
    expect(defects).toHaveLength(2);
  });
});

describe('what would not be kept as it was given, or steers what shows it', () => {
  const refused = async (method: string, params: unknown): Promise<string> => {
    const answer = await fakeRouter().router.call(method, params);
    return answer.ok ? 'no error' : answer.error.message;
  };

  test('refuses half of a surrogate pair, wherever it stands', async () => {
    expect(await refused('models.list', { search: ['\ud800'] })).toBe(
      'models.list: a text holds half of a surrogate pair, which is no character',
    );
  });

  test('tells of values too deep in words', async () => {
    let deep: unknown = 1;
    for (let level = 0; level < 100_000; level++) deep = [deep];
    expect(await refused('models.list', { deep })).toBe(
      'what was given has parts too deep within each other',
    );
  });

  test.each(['{"__proto__":{"admin":true}}', '{"constructor":1}', '{"toString":1}'])(
    'takes %s for a field that it does not know',
    async (text) => {
      await refused('models.list', JSON.parse(text));
      expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
    },
  );

  test('shows control characters, line breaks and marks of direction by their numbers, and cuts', async () => {
    const told = await refused('models.show', { ['\u001b[2J\n\u202e' + 'x'.repeat(10_000)]: 1, id: 1 });
    expect(told).not.toMatch(/[\u0000-\u001f\u202e]/);
    expect(told.length).toBeLessThan(2100);
  });
});
