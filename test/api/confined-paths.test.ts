import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Envelope } from '../../main/api/contract.ts';
import { createRouter } from '../../main/api/router.ts';
import { confinePaths } from '../../main/services/folders/confine-paths.ts';
import { shownPlaces } from '../../main/services/folders/folders.ts';
import { fakeWorkbench } from './fake-workbench.ts';
import { pathCases } from './path-fields.ts';

let top = '';
const at = (...names: string[]): string => join(top, ...names);
beforeAll(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), 'nora-confined-')));
  for (const folder of ['data/opening', 'shown/inner', 'shown-not', 'secret'])
    mkdirSync(at(folder), { recursive: true });
  for (const file of [
    'data/session-token',
    'data/serving.json',
    'data/opening/workbench.html',
    'secret/key',
    'shown/own.jsonl',
  ])
    writeFileSync(at(file), 'x');
  symlinkSync(at('secret'), at('shown/folder-link'));
  symlinkSync(at('secret/key'), at('shown/file-link'));
  symlinkSync(at('secret/new'), at('shown/dangling-link'));
  symlinkSync(at('shown/own.jsonl'), at('shown/inner/good-link'));
  symlinkSync(at('data/session-token'), at('shown/token-link'));
});
afterAll(() => rmSync(top, { recursive: true }));

const call = async (
  method: string,
  params: unknown,
): Promise<{ envelope: Envelope<unknown>; reached: unknown[] }> => {
  const reached: unknown[] = [];
  const dataDirectory = at('data');
  const router = createRouter(fakeWorkbench({ [method]: (given: unknown) => void reached.push(given) }), {
    subscribe: () => () => undefined,
    reportDefect: () => undefined,
    checkResults: false,
    confine: confinePaths({
      places: shownPlaces({ dataDirectory, folders: [at('shown')], home: null }),
      dataDirectory,
    }),
  });
  return { envelope: await router.call(method, params), reached };
};

/** Those of the folder browser, which holds itself to what it shows: test/services/folders. */
const browsing: ReadonlySet<string> = new Set(['folders.list', 'folders.create']);
const cases = pathCases.filter(({ method }) => !browsing.has(method));

/** What any field refuses, whatever it is for. */
const outside = [
  'secret/key',
  'secret',
  'secret/none',
  'shown-not',
  'shown/folder-link',
  'shown/folder-link/key',
  'shown/folder-link/none',
  'shown/file-link',
  'shown/dangling-link',
  'shown/../secret/key',
  'data/session-token',
  'data/serving.json',
  'data/opening',
  'data/opening/workbench.html',
  'shown/token-link',
];

describe.each(cases)('a browser’s $method, $field', ({ method, withValue }) => {
  test('is held to the folders that are shown, wherever links lead', async () => {
    for (const path of [
      ...outside.map((name) => `${top}/${name}`),
      '/',
      '/etc/passwd',
      `${top}/shown/folder-link/../secret/key`,
    ]) {
      const { envelope, reached } = await call(method, withValue(path));
      expect(envelope, path).toMatchObject({ ok: false });
      expect(reached, path).toEqual([]);
    }
  });
});

test('what lies in them is let through', async () => {
  const read = async (path: string): Promise<number> =>
    (await call('datasets.import', { trainFile: path })).reached.length;
  for (const path of ['shown/own.jsonl', 'shown/inner/good-link', 'shown/inner'])
    expect(await read(at(path)), path).toBe(1);
  const written = async (destination: string): Promise<number> =>
    (await call('exports.create', { runId: 'r', kind: 'adapter', destination })).reached.length;
  for (const path of ['shown/new', 'shown/new/inner/one', 'shown/inner', 'data/exports/one'])
    expect(await written(at(path)), path).toBe(1);
});

test('nobody learns what lies elsewhere: what is there and what is not is refused alike', async () => {
  const message = async (field: string, method: string, params: object): Promise<string> => {
    const { envelope } = await call(method, params);
    return envelope.ok ? '' : envelope.error.message.replaceAll(field, 'PATH');
  };
  const [there, absent] = [at('secret/key'), at('secret/none')];
  expect(await message(there, 'datasets.import', { trainFile: there })).toBe(
    await message(absent, 'datasets.import', { trainFile: absent }),
  );
  const target = { runId: 'r', kind: 'adapter' };
  expect(await message(there, 'exports.create', { ...target, destination: there })).toBe(
    await message(absent, 'exports.create', { ...target, destination: absent }),
  );
});
