import { afterAll, expect, test } from 'vitest';
import type { BlindTest } from '../../main/api/contract.ts';
import { testsTable, testText } from '../../main/cli/blind-text.ts';
import { createCommandLine } from './nora.ts';

const cli = createCommandLine();
afterAll(() => cli.remove());

const open: BlindTest = {
  id: 'b1',
  name: 'NoRA and LoRA',
  arms: ['NoRA', 'LoRA'],
  pairs: 4,
  leftOut: 1,
  isOfOneNoise: true,
  choices: ['left', 'tie', null, null],
  createdAt: '2026-11-30T06:00:00.000Z',
  endedAt: null,
  result: null,
};
const ended: BlindTest = {
  ...open,
  endedAt: '2026-11-30T07:00:00.000Z',
  result: { wins: [1, 0], ties: 1, bothBad: 0, p: 1, verdict: 'Ended early.', left: [0, 1, 0, 1] },
};

test('tells of an open test how far it is, and nothing of whose the pictures are', () => {
  expect(testText(open)).toContain('2 of 4 pairs are judged.');
  expect(testText(open)).toContain('1 picture had no partner, and is not in it.');
  expect(testText(open)).not.toMatch(/NoRA|LoRA/);
  expect(testsTable([open])).toMatch(/NoRA and LoRA +NoRA, LoRA +2 of 4 +open +b1/);
});

test('tells of an ended one whose were better, and what that comes to', () => {
  const text = testText(ended);
  expect(text).toMatch(/NoRA +1\n/);
  expect(text).toMatch(/LoRA +0\n/);
  expect(text).toMatch(/not judged +2\n/);
  expect(text).toContain('Ended early.');
});

test('lists those of the library, and names one that is not there', async () => {
  expect((await cli.nora('blind')).stdout).toContain('No blind tests yet.');
  const { stderr, code } = await cli.nora('blind', 'show', 'other');
  expect(code).not.toBe(0);
  expect(stderr).toContain('no blind test "other": nora blind list shows what there is');
});
