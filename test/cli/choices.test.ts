import { describe, expect, test } from 'vitest';
import { readDatasetFormat } from '../../main/cli/dataset-format-options.ts';
import { wholeNumber } from '../../main/cli/numbers.ts';
import { pick } from '../../main/cli/pick.ts';
import { WorkbenchError } from '../../main/engine/errors.ts';

describe('picking', () => {
  const things = [
    { id: 'abc1', name: 'sea' },
    { id: 'abd2', name: 'land' },
    { id: 'xyz3', name: 'twin' },
    { id: 'xyw4', name: 'twin' },
    { id: 'zzz5', name: 'abc1' },
  ];

  test.each([
    ['abc1', 'abc1'],
    ['abc', 'abc1'],
    ['land', 'abd2'],
    ['z', 'zzz5'],
  ])('%s is %s', (wanted, id) => {
    expect(pick(things, wanted, 'model').id).toBe(id);
  });

  test.each([
    ['nothing', 'not-found', 'no model "nothing": nora model list shows what there is'],
    ['', 'not-found', 'no model "": nora model list shows what there is'],
    ['ab', 'invalid-input', '"ab" fits more than one model, say which by its id: abc1, abd2'],
    ['twin', 'invalid-input', '"twin" fits more than one model, say which by its id: xyz3, xyw4'],
  ] as const)('%j is an error', (wanted, code, message) => {
    expect(() => pick(things, wanted, 'model')).toThrow(new WorkbenchError(code, message));
  });
});

describe('the format flags', () => {
  test('name a format, or none', () => {
    expect(readDatasetFormat({})).toBeUndefined();
    expect(readDatasetFormat({ text: 'body' })).toEqual({ kind: 'text', column: 'body' });
    expect(readDatasetFormat({ chat: 'messages' })).toEqual({ kind: 'chat', column: 'messages' });
    const pair = { kind: 'prompt-completion', prompt: '{q}?', completion: 'a' };
    expect(readDatasetFormat({ prompt: '{q}?', completion: 'a' })).toEqual(pair);
    expect(readDatasetFormat({ format: JSON.stringify(pair) })).toEqual(pair);
    const classes = { kind: 'classification', text: 'review', label: 'stars' };
    expect(readDatasetFormat({ text: 'review', label: 'stars' })).toEqual(classes);
    expect(readDatasetFormat({ text: 'review', pair: 'reply', label: 'stars' })).toEqual({
      ...classes,
      pair: 'reply',
    });
  });

  test.each([
    [{ text: 'a', chat: 'b' }, 'give one of --text, --prompt with --completion, --chat, or --format'],
    [{ prompt: 'a' }, '--prompt and --completion go together'],
    [{ label: 'stars' }, '--label goes with --text'],
    [{ text: 'a', pair: 'b' }, '--pair goes with --text and --label'],
    [{ format: '{' }, '--format: not JSON'],
    [
      { format: '{"kind":"picture"}' },
      '--format: kind: expected "text", "prompt-completion", "chat" or "classification", not "picture"',
    ],
    [{ format: '{"kind":"text"}' }, '--format: column: missing, expected text'],
  ])('%j are wrong', (options, message) => {
    expect(() => readDatasetFormat(options)).toThrow(new WorkbenchError('invalid-input', message));
  });
});

test('whole numbers', () => {
  expect(wholeNumber('12', '--port')).toBe(12);
  expect(wholeNumber(undefined, '--port')).toBeUndefined();
  for (const text of ['', '-1', '1.5', '1e3', 'x', '0x10', '9'.repeat(20)]) {
    expect(() => wholeNumber(text, '--port')).toThrow(`--port: expected a whole number, not "${text}"`);
  }
});
