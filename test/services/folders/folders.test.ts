import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFoldersService } from '../../../main/services/folders/folders.ts';
import { folderNameSchema, folderSchema, type Folder } from '../../../main/services/folders/folder-schema.ts';
import { mostEntries } from '../../../main/services/folders/list-folder.ts';
import { isWithin } from '../../../main/services/folders/places.ts';
import { root } from '../../support/paths.ts';
import { writeTinyModel } from '../../support/tiny-model.ts';

let top: string;
let at: (...names: string[]) => string;
beforeAll(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), 'nora-folders-')));
  at = (...names) => join(top, ...names);
  mkdirSync(at('home/work/file-10'), { recursive: true });
  mkdirSync(at('home/work/File-2'));
  mkdirSync(at('home/.cache'));
  mkdirSync(at('home/.local/nora'), { recursive: true });
  mkdirSync(at('disk/data'), { recursive: true });
  mkdirSync(at('secret'));
  writeTinyModel(at('home/work/tiny'));
  mkdirSync(at('home/work/adapter'));
  writeFileSync(at('home/work/adapter/adapter_config.json'), '{}');
  writeFileSync(at('home/work/train.jsonl'), '{"text":"the sea"}\n');
  writeFileSync(at('home/work/notes.md'), 'n');
  writeFileSync(at('secret/keys.json'), '[]');
  symlinkSync(at('secret'), at('home/out'));
  symlinkSync(at('secret/keys.json'), at('home/keys.json'));
  symlinkSync(at('home/work/train.jsonl'), at('home/latest.jsonl'));
  symlinkSync(at('home/work'), at('home/here'));
  symlinkSync(at('home/nowhere'), at('home/gone'));
});
afterAll(() => rmSync(top, { recursive: true, force: true }));

const service = (folders: readonly string[] = []) =>
  createFoldersService({ home: at('home'), dataDirectory: at('home/.local/nora'), folders });

const list = async (
  path?: string,
  options: { nearest?: boolean; hidden?: boolean; folders?: readonly string[] } = {},
): Promise<Folder> => {
  const { nearest = false, hidden = false, folders } = options;
  const listed = await service(folders).list({ nearest, hidden, ...(path !== undefined && { path }) });
  return folderSchema.parse(listed);
};

const namesOf = ({ entries }: Folder): string[] => entries.map(({ name }) => name);

describe('a folder', () => {
  test('is listed with what it holds: folders first, in the order in which people count', async () => {
    const folder = await list(at('home/work'));
    expect(folder.entries.map(({ name, kind, holds }) => [name, kind, holds])).toEqual([
      ['adapter', 'folder', 'adapter'],
      ['File-2', 'folder', null],
      ['file-10', 'folder', null],
      ['tiny', 'folder', 'model'],
      ['notes.md', 'file', null],
      ['train.jsonl', 'file', 'data'],
    ]);
    expect(folder.entries.at(-1)).toMatchObject({ path: at('home/work/train.jsonl'), bytes: 19 });
    expect(folder).toMatchObject({ path: at('home/work'), parent: at('home'), holds: null, leftOut: 0 });
    expect(folder.trail).toEqual([
      { name: at('home'), path: at('home') },
      { name: 'work', path: at('home/work') },
    ]);
  });

  test('is the home where none is named, and nothing above it is shown', async () => {
    const folder = await list();
    expect(folder).toMatchObject({ path: at('home'), parent: null, hidden: 2 });
    expect(folder.places).toEqual([
      { kind: 'home', path: at('home') },
      { kind: 'data-directory', path: at('home/.local/nora') },
    ]);
  });

  test('keeps to itself what begins with a dot, until asked', async () => {
    expect(namesOf(await list(at('home')))).not.toContain('.cache');
    const all = await list(at('home'), { hidden: true });
    expect(namesOf(all)).toContain('.cache');
    expect(all.hidden).toBe(0);
  });

  test('of a model says so, and its JSON is no data', async () => {
    const folder = await list(at('home/work/tiny'));
    expect(folder.holds).toBe('model');
    expect(new Set(folder.entries.map(({ holds }) => holds))).toEqual(new Set([null]));
  });

  test('with very many entries says how many are left out', async () => {
    const many = at('home/many');
    mkdirSync(many);
    for (let index = 0; index < mostEntries + 7; index++) writeFileSync(join(many, `row-${index}`), '');
    const folder = await list(many);
    expect(folder.entries).toHaveLength(mostEntries);
    expect(folder.leftOut).toBe(7);
    expect(JSON.stringify(folder).length).toBeLessThan(200_000);
    rmSync(many, { recursive: true });
  });
});

describe('what is not shown', () => {
  test.each(['/', '/etc', '/no/such'])('%s lies outside', async (path) => {
    await expect(list(path)).rejects.toThrow(
      `${path}: lies outside the folders that are shown (${at('home')}, ${at('home/.local/nora')}); nora serve --folder PATH shows one more`,
    );
  });

  test('a way out with dots', async () => {
    await expect(list(`${at('home')}/../secret`)).rejects.toThrow('lies outside the folders that are shown');
  });

  test('links that lead out are named and closed; others are what they lead to', async () => {
    const { entries } = await list(at('home'));
    const told = Object.fromEntries(entries.map(({ name, kind, problem }) => [name, [kind, problem]]));
    expect(told).toMatchObject({
      out: ['file', 'a link out of the shown folders'],
      'keys.json': ['file', 'a link out of the shown folders'],
      gone: ['file', 'a link that leads nowhere'],
      'latest.jsonl': ['file', null],
      here: ['folder', null],
    });
    await expect(list(at('home/out'))).rejects.toThrow(`${at('home/out')}: leads outside`);
    expect((await list(at('home/here'))).path).toBe(at('home/work'));
  });

  test('a folder that is given is, and a disk that is not there is no place', async () => {
    await expect(list(at('disk'))).rejects.toThrow('lies outside');
    const folder = await list(at('disk'), { folders: [at('disk'), at('unplugged')] });
    expect(namesOf(folder)).toEqual(['data']);
    expect(folder.parent).toBeNull();
    expect(folder.places).toContainEqual({ kind: 'given', path: at('disk') });
    expect(folder.places).toHaveLength(3);
  });

  test('a place given through a link is shown', async () => {
    const alias = at('alias');
    symlinkSync(at('disk'), alias);
    const { places, ...folder } = await list(alias, { folders: [alias, at('disk')] });
    expect(namesOf({ ...folder, places })).toEqual(['data']);
    expect(places.filter(({ path }) => path === at('disk'))).toHaveLength(1);
  });

  test('within means at or below', () => {
    expect(isWithin('/a', '/a')).toBe(true);
    expect(isWithin('/a', '/a/..b')).toBe(true);
    expect(isWithin('/a', '/ab')).toBe(false);
    expect(isWithin('/a/b', '/a')).toBe(false);
    expect(isWithin('/', '/a')).toBe(true);
  });
});

describe('a path that is no folder', () => {
  test('is refused by its name', async () => {
    await expect(list(at('home/none'))).rejects.toThrow(`${at('home/none')}: no such file`);
    await expect(list(at('home/work/notes.md'))).rejects.toThrow('notes.md: is a file, not a folder');
  });

  test.each([
    ['home/work/notes.md', 'home/work'],
    ['home/work/none/below', 'home/work'],
    ['secret/keys.json', 'home'],
  ])('asked for the nearest, %s begins in %s', async (path, folder) => {
    expect((await list(at(path), { nearest: true })).path).toBe(at(folder));
  });
});

/** Root may read everything: what somebody else may not read is listed by somebody else. */
const listAsOther = (home: string, path: string): Folder => {
  const script = `
    import { createFoldersService } from ${JSON.stringify(join(root, 'main/services/folders/folders.ts'))};
    const service = createFoldersService({ home: ${JSON.stringify(home)}, dataDirectory: ${JSON.stringify(home)} });
    console.log(JSON.stringify(await service.list({ path: ${JSON.stringify(path)}, nearest: false, hidden: false })));`;
  const other = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const words = ['--input-type=module-typescript', '-e', script];
  return folderSchema.parse(
    JSON.parse(execFileSync(process.execPath, words, { encoding: 'utf8', ...other })),
  );
};

test.skipIf(process.platform === 'win32')('what may not be read says so, by the folder', () => {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'nora-closed-')));
  chmodSync(home, 0o755);
  const closed = join(home, 'closed');
  mkdirSync(closed, { mode: 0o000 });
  try {
    expect(listAsOther(home, home).entries).toEqual([
      {
        name: 'closed',
        path: closed,
        kind: 'folder',
        bytes: null,
        holds: null,
        problem: 'no permission to read',
      },
    ]);
    expect(listAsOther(home, closed)).toMatchObject({
      entries: [],
      problem: `${closed}: no permission to read`,
      parent: home,
    });
  } finally {
    chmodSync(closed, 0o755);
    rmSync(home, { recursive: true });
  }
});

describe('a new folder', () => {
  test('is made where it may be seen', async () => {
    const { path } = await service().create({ directory: at('home/work'), name: 'export' });
    expect([dirname(path), basename(path)]).toEqual([at('home/work'), 'export']);
    expect((await list(path)).entries).toEqual([]);
    await expect(service().create({ directory: at('home/work'), name: 'export' })).rejects.toThrow(
      `${path}: something of that name is in the way`,
    );
    await expect(service().create({ directory: at('secret'), name: 'a' })).rejects.toThrow('lies outside');
  });

  test.each(['..', '.', 'a/b', 'a\\b', ' ', 'a\0'])('is not called %j', (name) => {
    expect(folderNameSchema.safeParse(name).success).toBe(false);
  });
});
