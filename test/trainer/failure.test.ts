import { expect, test, vi } from 'vitest';
import { invalidInput, WorkbenchError } from '../../main/engine/errors.ts';
import { endLines } from '../../main/services/runs/log-lines.ts';
import { failureOf } from '../../main/trainer/process/failure.ts';

test('what ONNX Runtime says is a sentence for people, and stands in the log as it was said', () => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const said = 'Non-zero status code returned while running Gather node. indices element out of data bounds';
  const failure = failureOf(new Error(said));
  expect(failure.message).not.toContain('status code');
  expect(failure.raw).toBe(said);
  expect(endLines(failure)).toEqual([`failed (internal): ${failure.message}`, `in its own words: ${said}`]);
  const explained = new WorkbenchError('unsupported', 'the device has no provider', {
    cause: new Error(said),
  });
  expect(failureOf(explained).raw).toBe(said);
});

test('an error for people has nothing behind it', () => {
  expect(failureOf(invalidInput('rank: expected a whole number'))).toEqual({
    ...{ type: 'failed', code: 'invalid-input', message: 'rank: expected a whole number' },
  });
});
