import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { root } from '../support/paths.ts';
import { writeTinyClip } from '../support/tiny-clip.ts';
import { createCommandLine } from './nora.ts';

const cli = createCommandLine();
afterAll(() => cli.remove());

const file = (name: string): string => join(root, 'test/engine/scoring/fixtures', `${name}.jsonl`);

test('scores a model on files, in a table and as a document', async () => {
  const { stdout, code, stderr } = await cli.nora(
    'score',
    'sample',
    '--choices',
    file('piqa'),
    '--threads',
    '1',
  );
  expect({ code, stderr: stderr.includes('error') }).toEqual({ code: 0, stderr: false });
  expect(stdout).toMatch(/piqa\.jsonl, 2 items\n +acc +acc_norm +acc_bytes\nbase +\d+\.\d % /);
  expect(stdout).toMatch(/guessing gets 50\.0 % on average/);
  const words = [
    'score',
    'sample',
    '--choices',
    file('arc_easy'),
    '--limit',
    '1',
    '--items',
    '--threads',
    '1',
  ];
  const { document } = await cli.noraJson(...words);
  expect(document.scores).toMatchObject([
    {
      task: 'arc_easy.jsonl',
      subject: 'base',
      items: 1,
      chance: 0.25,
      problem: null,
      results: [{ item: 0, expected: 'A' }],
    },
  ]);
});

test('takes tasks from a file, as a comparison has them, with what it names beside it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'nora-tasks-'));
  for (const name of ['arc_easy', 'few-shot.arc_easy'])
    copyFileSync(file(name), join(folder, `${name}.jsonl`));
  const write = (text: string): string => {
    const path = join(folder, 'tasks.yaml');
    writeFileSync(path, text);
    return path;
  };
  const good = write(`name: a comparison's file
tasks:
  - name: easy
    kind: choices
    file: arc_easy.jsonl
    limit: 2
    examples: { file: few-shot.arc_easy.jsonl, count: 2 }
`);
  const { document } = await cli.noraJson('score', 'sample', '--tasks', good, '--threads', '1');
  expect(document.scores).toMatchObject([{ task: 'easy', items: 2, problem: null }]);
  expect(JSON.stringify(document)).toContain(
    "the first 2 rows of few-shot.arc_easy.jsonl are shown before each question (lm-evaluation-harness' first_n)",
  );
  const bad = write('tasks:\n  - { name: easy, kind: choices, file: a.jsonl, limit: 0 }\n');
  const { stderr } = await cli.nora('score', 'sample', '--tasks', bad);
  expect(stderr.trim()).toMatch(/^error: tasks.yaml, line 2: tasks.*limit/);
});

test('scores pictures that lie in Parquet', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'nora-score-pictures-'));
  await cli.noraJson('model', 'import', writeTinyClip(join(folder, 'clip')), '--name', 'clip');
  const shards = join(root, 'test/engine/data/pictures/fixtures/parquet/classes');
  await cli.noraJson('dataset', 'import', shards, '--name', 'shards');
  const words = ['score', 'clip', '--held-out', '--dataset', 'shards', '--threads', '1'];
  const { document } = await cli.noraJson(...words);
  expect(document.scores).toMatchObject([{ task: 'held-out', subject: 'base', items: 3, problem: null }]);
  rmSync(folder, { recursive: true });
});

test('says what is wrong with a request, in a line', async () => {
  const error = async (...words: string[]): Promise<string> => {
    const { code, stderr } = await cli.nora('score', 'sample', ...words);
    expect(code).not.toBe(0);
    return stderr.trim();
  };
  expect(await error()).toBe(
    'error: nothing to score on: name --held-out, --text, --choices, --answers, --classes or a file of --tasks',
  );
  expect(await error('--answers', file('piqa'))).toMatch(/^error: --answers: say by which --rule/);
  expect(await error('--choices', file('piqa'), '--prompt', 'mmlu')).toMatch(
    /^error: --prompt: expected one of arc/,
  );
  expect(await error('--choices', file('piqa'), '--shots', '2')).toMatch(/^error: --shots: .*--examples/);
  expect(await error('--held-out', '--examples', file('piqa'))).toMatch(
    /^error: --examples: are for --choices and --answers/,
  );
  expect(await error('--choices', file('piqa'), '--no-base')).toMatch(/^error: --no-base: nothing is left/);
});

test('takes an adapter by its configuration’s name, alone or behind its experiment’s', async () => {
  const path = join(cli.directory, 'named.yaml');
  writeFileSync(
    path,
    `version: 1
name: Named
model: sample
dataset: sample
training: { steps: 1, batchSize: 1, sequenceLength: 32, threads: 1 }
configurations:
  - { name: Small one, adapter: { method: lora, rank: 1, targetModules: [q_proj] } }
`,
  );
  await cli.nora('experiment', 'run', path);
  const words = [
    'score',
    'sample',
    '--choices',
    file('arc_easy'),
    '--limit',
    '1',
    '--no-base',
    '--threads',
    '1',
  ];
  for (const name of ['Small one', 'Named/Small one']) {
    const { document } = await cli.noraJson(...words, '--adapter', name);
    expect(document.scores).toMatchObject([{ subject: 'Named/Small one', items: 1, problem: null }]);
  }
});
