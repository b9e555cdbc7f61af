import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { methods } from '../../main/api/contract.ts';
import { createCommandLine } from './nora.ts';
import type { CommandLine } from './nora.ts';
import { writeTinyModel } from '../support/tiny-model.ts';

let cli: CommandLine;
beforeAll(() => {
  cli = createCommandLine();
  writeTinyModel(join(cli.directory, 'tiny'));
  writeFileSync(
    join(cli.directory, 'sea.jsonl'),
    '{"q":"where?","a":"at sea"}\n{"q":"who?","a":"a whale"}\n',
  );
});
afterAll(() => cli.remove());

test('an empty library names the next step', async () => {
  const { code, stdout, stderr } = await cli.nora('experiment', 'list');
  expect([code, stdout, stderr]).toEqual([
    0,
    'No experiments yet. Create one with: nora experiment create FILE.yaml, or try: nora demo\n',
    '',
  ]);
});

test('a model is imported, listed, shown by name or the start of its id, and removed', async () => {
  const imported = await cli.noraJson('model', 'import', 'tiny', '--name', 'Tiny');
  expect(imported.code).toBe(0);
  expect(imported.stderr).toBe('');
  const model = methods['models.import'].result.parse(imported.document);
  expect(model).toMatchObject({
    name: 'Tiny',
    architecture: 'llama',
    dtype: 'float32',
    layers: 2,
    builtIn: false,
  });

  const { stdout } = await cli.nora('model', 'list');
  expect(stdout.split('\n')[0]).toMatch(/^id +name +architecture +parameters +dtype +size$/);
  expect(stdout).toMatch(new RegExp(`^${model.id} +Tiny +llama +[\\d,]+ +float32 +[\\d.]+ kB$`, 'm'));
  expect((await cli.noraJson('model', 'show', 'Tiny')).document).toEqual(model);
  expect((await cli.noraJson('model', 'show', model.id.slice(0, 8))).document).toEqual(model);
  expect((await cli.nora('model', 'show', 'Tiny')).stdout).toMatch(/q_proj +2 +16 x 16/);

  expect((await cli.noraJson('model', 'remove', 'Tiny')).document).toEqual({ id: model.id });
  expect((await cli.noraJson('model', 'show', model.id)).code).toBe(2);
});

test('a model is verified: what changed is named, with exit code 2', async () => {
  const directory = writeTinyModel(join(cli.directory, 'checked'));
  await cli.nora('model', 'import', 'checked');
  const as = await cli.nora('model', 'verify', 'checked');
  expect(as.code).toBe(0);
  expect(as.stdout).toMatch(/^model\.safetensors +weights +unchanged +\w{12} +\w{12}$/m);
  expect(as.stdout).toMatch(/checked is as it was imported\.\n$/);
  writeFileSync(join(directory, 'special_tokens_map.json'), '{}');
  const other = await cli.noraJson('model', 'verify', 'checked');
  expect(other.code).toBe(2);
  expect(methods['models.verify'].result.parse(other.document)).toMatchObject({
    unchanged: false,
    files: expect.arrayContaining([
      {
        name: 'special_tokens_map.json',
        kind: 'tokenizer',
        state: 'added',
        was: null,
        is: expect.any(String),
      },
    ]),
  });
  expect((await cli.nora('model', 'verify', 'checked')).stdout).toMatch(
    /checked" has changed since it was imported: special_tokens_map\.json \(tokenizer\) was not there/,
  );
});

test('a file is looked at before it is imported', async () => {
  const { document } = await cli.noraJson('dataset', 'inspect', 'sea.jsonl');
  expect(methods['datasets.inspect'].result.parse(document)).toMatchObject({
    form: null,
    problem: 'sea.jsonl: say which of the columns to train on: "q", "a"',
  });
  const { code, stdout } = await cli.nora(
    'dataset',
    'inspect',
    'sea.jsonl',
    '--prompt',
    'Q: {q}',
    '--completion',
    'a',
  );
  expect(code).toBe(0);
  expect(stdout).toMatch(/rows read +2, all of them/);
  expect(stdout).toMatch(/^q +text +prompt$/m);
  expect(stdout).toContain('Line 1\nprompt: Q: where?\ncompletion: [at sea]');
  expect((await cli.nora('dataset', 'list')).stdout).not.toMatch(/ sea /);
});

test('a dataset is imported with the format that the flags name, previewed, and removed', async () => {
  const imported = await cli.noraJson(
    'dataset',
    'import',
    'sea.jsonl',
    '--prompt',
    'Q: {q}',
    '--completion',
    'a',
  );
  expect([imported.code, imported.stderr]).toEqual([0, '']);
  const dataset = methods['datasets.import'].result.parse(imported.document);
  expect(dataset).toMatchObject({
    name: 'sea',
    trainRows: 2,
    format: { kind: 'prompt-completion', prompt: 'Q: {q}', completion: 'a' },
  });
  expect((await cli.nora('dataset', 'list')).stdout).toMatch(/sea +Q: \{q\} -> a +2 +a part/);

  await cli.nora('model', 'import', 'tiny');
  const { document } = await cli.noraJson(
    'dataset',
    'preview',
    'sea',
    '--model',
    'tiny',
    '--count',
    '1',
    '--sequence-length',
    '32',
  );
  expect(methods['datasets.preview'].result.parse(document)).toMatchObject({
    report: { rows: 2, kept: 2 },
    problem: null,
  });
  const { stdout } = await cli.nora('dataset', 'preview', 'sea', '--model', 'tiny', '--count', '1');
  expect(stdout).toContain('2 rows, of which 2 can be used');
  expect(stdout).toMatch(/Example 1\nQ: where\?.*\[.*at sea.*\]/s);

  const twice = await cli.noraJson('dataset', 'duplicates', 'sea', '--held-out', '0.5', '--seed', '3');
  expect(methods['datasets.duplicates'].result.parse(twice.document)).toMatchObject({
    trainRows: 1,
    heldOutRows: 1,
    sharedRows: 0,
    repeatedRows: 0,
  });
  expect((await cli.nora('dataset', 'duplicates', 'sea')).stdout).toMatch(/held out and trained on +0/);

  expect((await cli.noraJson('dataset', 'remove', 'sea')).code).toBe(0);
});

test('the doctor looks at this machine', async () => {
  const { document, stderr } = await cli.noraJson('doctor');
  const doctor = methods['app.doctor'].result.parse(document);
  expect(doctor.dataDirectory).toBe(join(cli.directory, 'data'));
  expect(doctor.checks.length).toBeGreaterThan(0);
  expect(stderr).toBe('');
});

test('--data-dir goes before NORA_DATA_DIR', async () => {
  const { document } = await cli.noraJson('doctor', '--data-dir', 'elsewhere');
  expect(document.dataDirectory).toBe(join(cli.directory, 'elsewhere'));
});

test('help and version are no errors', async () => {
  expect(await cli.nora('--version')).toMatchObject({ code: 0, stderr: '' });
  const { code, stdout, stderr } = await cli.nora('experiment', 'run', '--help');
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toContain('--json');
  expect(stdout).toContain('--data-dir');
});

test.each(['experiment', 'comparison'])(
  'a file given to "%s run" makes a new one each time, and the help promises nothing else',
  async (kind) => {
    const { stdout } = await cli.nora(kind, 'run', '--help');
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
      'or of a new one by a file; Ctrl-C pauses, and with its id it goes on',
    );
  },
);
