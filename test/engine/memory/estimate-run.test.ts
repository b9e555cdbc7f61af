import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { selectTargets } from '../../../main/engine/adapters/layer/target-modules.ts';
import { adapterSettingsSchema } from '../../../main/engine/adapters/settings/adapter-settings.ts';
import { describeBaseFormat, withBaseFormat } from '../../../main/engine/models/weights/quantized-base.ts';
import { estimateRun } from '../../../main/engine/memory/estimate-run.ts';
import { openModel, type Model } from '../../../main/engine/models/model.ts';
import { trainingSettingsSchema } from '../../../main/engine/train/settings/training-settings.ts';
import { root } from '../../support/paths.ts';
import { itWith } from '../../support/requirements.ts';

const model = openModel(join(root, 'main/sample/model'));
const folder = mkdtempSync(join(tmpdir(), 'nora-estimate-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const estimate = (training: object, adapter: object = { method: 'lora', rank: 16 }) =>
  estimateRun(model, adapterSettingsSchema.parse(adapter), trainingSettingsSchema.parse(training));

describe('the estimate of a run', () => {
  it('is the sum of its parts', () => {
    const { weights, activations, state, process, total } = estimate({});
    expect(Math.min(weights, activations, state, process)).toBeGreaterThan(0);
    expect(total).toBe(weights + activations + state + process);
  });

  it.each([
    ['a larger batch', { batchSize: 16 }, {}],
    ['a longer sequence', { sequenceLength: 512 }, {}],
    ['keeping more for the backward pass', {}, { memory: 'low' }],
    ['gathering gradients', { gradientAccumulation: 2 }, {}],
  ])('grows with %s', (_, more, less) => {
    expect(estimate(more).total).toBeGreaterThan(estimate(less).total);
  });

  it('knows of samples where writing them takes more than an evaluation does', () => {
    const evaluating = estimate({ batchSize: 1, sequenceLength: 16 });
    const few = estimate({ batchSize: 1, sequenceLength: 16, samples: { prompts: ['a'], maximumTokens: 8 } });
    const many = estimate({
      batchSize: 1,
      sequenceLength: 16,
      samples: { prompts: Array.from('abcdefgh'), maximumTokens: 500 },
    });
    expect(few.total).toBeGreaterThanOrEqual(evaluating.total);
    expect(many.activations).toBeGreaterThan(few.activations);
    expect(many.total).toBe(many.weights + many.activations + many.state + many.process);
  });

  it('grows with what is trained', () => {
    const ofRank = (rank: number) => estimate({}, { method: 'lora', rank });
    expect(ofRank(64).state).toBeGreaterThan(ofRank(8).state);
  });

  itWith(
    'native',
    "counts a LoRA's state alone where the addon writes gradients in place, copies too elsewhere",
    () => {
      const settings = adapterSettingsSchema.parse({ method: 'lora', rank: 16 });
      const trained = selectTargets(model.targetLayers, settings).reduce(
        (sum, { inFeatures, outFeatures }) => sum + 16 * (inFeatures + outFeatures),
        0,
      );
      const [parameters, vectors] = [4 * trained, 4];
      expect(estimate({}).state).toBe(vectors * parameters);
      vi.stubEnv('NORA_NATIVE', '0');
      expect(estimate({}).state).toBe((vectors + 1) * parameters);
      vi.unstubAllEnvs();
    },
  );

  it('takes no longer for a batch far beyond any machine', () => {
    const started = performance.now();
    expect(estimate({ batchSize: 4096, sequenceLength: 512 }).total).toBeGreaterThan(1e11);
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});

const stored = ({ base }: Model): Record<string, unknown> =>
  Object.fromEntries(
    [...base!.tensors].map(([name, { dtype, shape, length }]) => [name, { dtype, shape, length }]),
  );

describe('a described base', () => {
  it.each(['int8', 'int4'] as const)('has the tensors that the file of %s has', (format) => {
    expect(stored(describeBaseFormat(model, format))).toEqual(
      stored(withBaseFormat(model, format, { cacheFolder: folder })),
    );
  });

  it('is the model itself where its own files serve', () => {
    expect(describeBaseFormat(model, 'fp32')).toBe(model);
    expect(describeBaseFormat(model, 'bf16')).toBe(withBaseFormat(model, 'bf16', { cacheFolder: folder }));
  });
});
