import { supportedArchitectures } from '../../main/engine/models/architectures/index.ts';
import { mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCommandLine } from './nora.ts';
import type { CommandLine } from './nora.ts';
import { root } from '../support/paths.ts';
import { writeTinyModel } from '../support/tiny-model.ts';

let cli: CommandLine;
let path: (...names: string[]) => string;
beforeAll(async () => {
  cli = createCommandLine();
  path = (...names) => join(cli.directory, ...names);
  writeTinyModel(path('tiny'));
  writeFileSync(path('sea.jsonl'), '{"text":"the sea"}\n{"text":"a whale"}\n{"text":"the ship"}\n');
  expect((await cli.nora('model', 'import', 'tiny')).code).toBe(0);
  expect((await cli.nora('dataset', 'import', 'sea.jsonl')).code).toBe(0);
});
afterAll(() => cli.remove());

/** What was wrong is said in one line, twice over: to people and to programs. */
const expectRefusal = async (words: string[], message: string, code = 'invalid-input'): Promise<void> => {
  expect(await cli.nora(...words)).toEqual({ code: 2, stdout: '', stderr: `error: ${message}\n` });
  expect(await cli.noraJson(...words)).toEqual({
    code: 2,
    document: { error: { code, message } },
    stderr: '',
  });
};

describe('a model', () => {
  test('without config.json', async () => {
    mkdirSync(path('empty'));
    await expectRefusal(
      ['model', 'import', 'empty'],
      `${path('empty')}: not a model folder: config.json is missing`,
    );
  });

  test('that is not there', async () => {
    await expectRefusal(['model', 'import', 'nowhere'], `${path('nowhere')}: no such folder`, 'not-found');
  });

  test('of an architecture that is not supported yet', async () => {
    writeTinyModel(path('mamba'), { model_type: 'mamba' });
    const message = `${path('mamba', 'config.json')}: the architecture "mamba" is not supported yet (supported: ${supportedArchitectures.join(', ')})`;
    await expectRefusal(['model', 'import', 'mamba'], message, 'unsupported');
  });

  test('whose weights are cut off', async () => {
    const file = join(writeTinyModel(path('cut')), 'model.safetensors');
    const bytes = readFileSync(file).length;
    truncateSync(file, bytes - 10);
    await expectRefusal(
      ['model', 'import', 'cut'],
      `${file}: truncated: tensor model.norm.weight ends at byte ${bytes}, the file has ${bytes - 10}`,
    );
  });

  test('whose header lies', async () => {
    const file = join(writeTinyModel(path('lies')), 'model.safetensors');
    const bytes = readFileSync(file);
    bytes.writeBigUInt64LE(2n ** 60n, 0);
    writeFileSync(file, bytes);
    await expectRefusal(
      ['model', 'import', 'lies'],
      `${file}: not a safetensors file, or damaged: it claims a header of ${2n ** 60n} bytes`,
    );
  });

  test('with a NaN among its weights', async () => {
    const file = join(writeTinyModel(path('nan')), 'model.safetensors');
    const bytes = readFileSync(file);
    bytes.writeFloatLE(Number.NaN, bytes.length - 8);
    writeFileSync(file, bytes);
    await expectRefusal(
      ['model', 'import', 'nan'],
      `${file}: tensor model.norm.weight holds NaN at element 14`,
    );
  });

  test('leaves nothing in the library', async () => {
    const { document } = await cli.noraJson('model', 'list');
    expect(
      document
        .filter(({ builtIn }: { builtIn: boolean }) => !builtIn)
        .map(({ name }: { name: string }) => name),
    ).toEqual(['tiny']);
  });

  test('that is not in the library', async () => {
    await expectRefusal(
      ['model', 'show', 'gpt'],
      'no model "gpt": nora model list shows what there is',
      'not-found',
    );
  });
});

describe('a dataset', () => {
  const write = (name: string, text: string): string => {
    writeFileSync(path(name), text);
    return name;
  };

  test('with a line that is not JSON', async () => {
    const file = write('broken.jsonl', '{"text":"a"}\n{"text":"b"}\n{"text": b}\n');
    const { code, stdout, stderr } = await cli.nora('dataset', 'import', file);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^error: broken\.jsonl, line 3: not JSON[^\n]*\n$/);
  });

  test('that is empty', async () => {
    await expectRefusal(['dataset', 'import', write('empty.jsonl', '')], 'empty.jsonl: holds no rows');
  });

  test('that is not there', async () => {
    await expectRefusal(
      ['dataset', 'import', 'nowhere.jsonl'],
      `${path('nowhere.jsonl')}: no such file`,
      'not-found',
    );
  });

  test('of another kind of file', async () => {
    const path = join(root, 'test/engine/data/pictures/fixtures/parquet/rows.parquet');
    const message = `${path}: is a Parquet file without a column of pictures (parts bytes and path), only text; write texts as JSON lines first`;
    await expectRefusal(['dataset', 'import', path], message, 'unsupported');
  });

  test('whose columns say nothing', async () => {
    const message = 'unclear.jsonl: say which of the columns to train on: "x", "y"';
    await expectRefusal(['dataset', 'import', write('unclear.jsonl', '{"x":"1","y":"2"}\n')], message);
  });

  test('with flags that do not fit together', async () => {
    await expectRefusal(
      ['dataset', 'import', 'sea.jsonl', '--prompt', 'a'],
      '--prompt and --completion go together',
    );
  });
});

describe('an experiment', () => {
  const experiment = (changes: string): string => {
    const text = `version: 1\nname: Try\nmodel: tiny\ndataset: sea\ntraining:\n  steps: 2\n  sequenceLength: 32\nconfigurations:\n  - name: LoRA\n    adapter: { method: lora, rank: 2 }\n${changes}`;
    writeFileSync(path('experiment.yaml'), text);
    return 'experiment.yaml';
  };

  test('with a wrong field', async () => {
    const file = experiment('  - name: NoRA\n    adapter:\n      method: nora\n      outerRank: 0\n');
    await expectRefusal(
      ['experiment', 'create', file],
      'experiment.yaml, line 14: configurations[1].adapter.outerRank: expected at least 1, not 0',
    );
    await expectRefusal(
      ['experiment', 'run', file],
      'experiment.yaml, line 14: configurations[1].adapter.outerRank: expected at least 1, not 0',
    );
  });

  test('that is not YAML', async () => {
    await expectRefusal(
      ['experiment', 'create', experiment('\tx: 1\n')],
      'experiment.yaml, line 11: not YAML: Tabs are not allowed as indentation',
    );
  });

  test('whose file is not there', async () => {
    await expectRefusal(
      ['experiment', 'run', 'nowhere.yaml'],
      `${join(cli.directory, 'nowhere.yaml')}: no such file`,
      'not-found',
    );
  });

  test('with a rank larger than the matrix', async () => {
    const file = experiment('  - name: Large\n    adapter: { method: lora, rank: 9 }\n');
    const { code, document } = await cli.noraJson('experiment', 'create', file);
    expect([code, document.error.code]).toEqual([2, 'invalid-input']);
    expect(document.error.message).toMatch(
      /^configuration "Large", rank: 9 is larger than the matrix k_proj \(8 x 16\) allows: at most 8$/,
    );
  });

  test('on a model that is not in the library', async () => {
    const file = experiment('');
    writeFileSync(path(file), readFileSync(path(file), 'utf8').replace('model: tiny', 'model: huge'));
    await expectRefusal(
      ['experiment', 'create', file],
      'there is no model "huge" in the library',
      'not-found',
    );
  });

  test('leaves nothing behind', async () => {
    expect(await cli.noraJson('experiment', 'list')).toEqual({ code: 0, document: [], stderr: '' });
  });

  test.each([
    ['compare', 'comparison or experiment'],
    ['experiment status', 'experiment'],
    ['export', 'run or imported adapter'],
    ['adapter show', 'adapter'],
    ['run resume', 'run'],
    ['run start-over', 'run'],
  ])('%s of none', async (command, kind) => {
    const { code, document } = await cli.noraJson(...command.split(' '), 'nothing');
    expect([code, document.error.code]).toEqual([2, 'not-found']);
    expect(document.error.message).toContain(`no ${kind} "nothing"`);
  });
});

describe('a data directory', () => {
  test('of a newer release is left alone', async () => {
    mkdirSync(path('newer'));
    const database = new Sqlite(path('newer', 'workbench.sqlite'));
    database.pragma('user_version = 999');
    database.close();
    const { code, document } = await cli.noraJson('model', 'list', '--data-dir', 'newer');
    expect([code, document.error.code]).toEqual([2, 'newer-version']);
    expect(document.error.message).toMatch(
      /newer was written by a newer NoRA Workbench \(data version 999; this release reads up to \d+\)$/,
    );
    expect(readdirSync(path('newer'))).toEqual(['workbench.sqlite']);
  });

  test('that is a file', async () => {
    writeFileSync(path('a-file'), '');
    const { code, stdout, stderr } = await cli.nora('doctor', '--data-dir', 'a-file');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toBe(`error: ${path('a-file')}: is a file, not a folder to keep the library in\n`);
  });

  test('where none can be', async () => {
    const long = 'n'.repeat(300);
    await expectRefusal(
      ['model', 'list', '--data-dir', join('a-file', 'below')],
      `${path('a-file', 'below')}: a part of the path is a file, not a folder`,
      'not-found',
    );
    await expectRefusal(
      ['model', 'list', '--data-dir', long],
      `${path(long)}: the name is longer than the file system allows`,
    );
    await expectRefusal(['model', 'list', '--data-dir', ''], '--data-dir: expected a path, not ""');
    if (process.platform === 'linux')
      await expectRefusal(
        ['model', 'list', '--data-dir', '/proc/nora'],
        '/proc/nora: no folder can be made there',
      );
  });
});

describe('a command', () => {
  test.each<[string[], string]>([
    [['model', 'lst'], "unknown command 'lst' (Did you mean list?)"],
    [['nonsense'], "unknown command 'nonsense'"],
    [['model', 'list', '--jsn'], "unknown option '--jsn' (Did you mean --json?)"],
    [['model', 'import'], "missing required argument 'folder'"],
    [['model', 'list', 'extra'], "too many arguments for 'list'. Expected 0 arguments but got 1: extra."],
    [['serve', '--port', 'x'], '--port: expected a whole number of at most 65,535, not "x"'],
    [['serve', '--port', '99999'], '--port: expected a whole number of at most 65,535, not "99999"'],
  ])('%j is refused', async (words, message) => {
    await expectRefusal(words, message);
  });

  test('that is not given brings up the help', async () => {
    const { code, stdout, stderr } = await cli.nora();
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^Usage: nora /);
  });

  test('shows a stack only when asked', async () => {
    const { stderr } = await cli.nora('model', 'import', 'nowhere', '--debug');
    expect(stderr).toMatch(/^error: [^\n]*no such folder\nWorkbenchError: [^]* at /);
  });
});
