import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { root } from '../support/paths.ts';
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

test('says what is wrong with a request, in a line', async () => {
  const error = async (...words: string[]): Promise<string> => {
    const { code, stderr } = await cli.nora('score', 'sample', ...words);
    expect(code).not.toBe(0);
    return stderr.trim();
  };
  expect(await error()).toBe(
    'error: nothing to score on: name --held-out, --text, --choices, --answers or --classes',
  );
  expect(await error('--answers', file('piqa'))).toMatch(/^error: --answers: say by which --rule/);
  expect(await error('--choices', file('piqa'), '--prompt', 'mmlu')).toMatch(
    /^error: --prompt: expected one of arc/,
  );
  expect(await error('--choices', file('piqa'), '--no-base')).toMatch(/^error: --no-base: nothing is left/);
});
