import { describe, expect, test } from 'vitest';
import { readBenchFlags, type BenchFlags } from '../../main/cli/bench-options.ts';
import { invalidInput } from '../../main/engine/errors.ts';
import { methodNames, oneOfMethods } from '../support/method-names.ts';

describe('the flags of nora bench', () => {
  test('have the defaults that results are compared at', () => {
    const { model, settings } = readBenchFlags({});
    expect([model.kind, model.name]).toEqual(['shape', 'smollm2-135m']);
    expect(settings).toMatchObject({
      adapter: { method: 'lora', rank: 16, targetModules: 'all-linear' },
      batchSize: 4,
      sequenceLength: 256,
      labels: null,
      threads: null,
    });
    expect(readBenchFlags({ method: 'nora' }).settings.adapter).toMatchObject({
      outerRank: 128,
      innerRank: 16,
    });
  });

  test('put a second arm of the same rank beside the first', () => {
    const { adapter, beside } = readBenchFlags({ rank: '8', beside: 'nora' }).settings;
    expect(adapter).toMatchObject({ method: 'lora', rank: 8 });
    expect(beside).toMatchObject([{ method: 'nora', innerRank: 8, outerRank: 128 }]);
    expect(readBenchFlags({}).settings.beside).toEqual([]);
  });

  test.each<[BenchFlags, string]>([
    [{ beside: 'magic' }, `--beside: expected ${methodNames.join(', ')}, not "magic"`],
    [
      { shape: 'huge' },
      '--shape: no shape "huge" (there are tiny, smollm2-135m, smollm2-360m, tinyllama-1.1b, llama3.2-1b)',
    ],
    [{ shape: 'tiny', model: 'own' }, '--model and --shape exclude each other'],
    [{ method: 'magic' }, `--method: expected ${oneOfMethods}, not "magic"`],
    [{ method: 'constructor' }, `--method: expected ${oneOfMethods}, not "constructor"`],
    [{ rank: '0' }, '--rank: expected at least 1, not 0'],
    [{ rank: 'x' }, '--rank: expected a whole number, not "x"'],
    [{ outer: '8' }, '--outer: lora has none; it takes --rank'],
    [{ method: 'nora', rank: '8' }, '--rank: nora has none; it takes --outer and --inner'],
    [{ method: 'nora', outer: '0' }, '--outer: expected at least 1, not 0'],
    [{ seq: '32', labels: '32' }, '--labels: expected less than the 32 tokens of a row, not 32'],
    [{ steps: '1' }, '--steps: expected at least 2, not 1'],
    [{ batch: '0' }, '--batch: expected at least 1, not 0'],
    [{ device: 'tpu' }, '--device: expected "cpu", "webgpu", "cuda", "directml" or "coreml", not "tpu"'],
    [{ memory: 'none' }, '--memory: expected "fast" or "low", not "none"'],
  ])('%j are refused', (flags, message) => {
    expect(() => readBenchFlags(flags)).toThrow(invalidInput(message));
  });
});
