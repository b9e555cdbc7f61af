import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { baseFormats } from '../../../main/engine/base/base-format.ts';
import { weightSites } from '../../../main/engine/diagnostics/weight-sites.ts';
import { openModelFolder } from '../../../main/engine/formats/model-folder.ts';
import { createGraphBuilder } from '../../../main/engine/graph/create-graph-builder.ts';
import { singularValues } from '../../../main/engine/linear-algebra/singular-values.ts';
import { describeModel } from '../../../main/engine/models/describe-model.ts';
import { withTextStates } from '../../../main/engine/models/diffusion-model.ts';
import { buildForward, openModel, type Model } from '../../../main/engine/models/model.ts';
import { readLayerWeight } from '../../../main/engine/models/weights/model-weights.ts';
import { withBaseFormat } from '../../../main/engine/models/weights/quantized-base.ts';
import { noise } from '../../../main/engine/objectives/noise.ts';
import { createSession } from '../../../main/engine/runtime/session.ts';
import { readRun } from '../../numeric/golden/golden-run.ts';

/** What the rest of the engine asks of any model. */
const fixture = join(import.meta.dirname, '../../numeric/fixtures/sd15');
const directory = join(fixture, 'model');
const model = openModel(directory);

it('is described by its parts’ sites, those of one name and size together', () => {
  const { architecture, objective, targetModules, classifier } = describeModel(openModelFolder(directory));
  expect([architecture, objective, classifier]).toEqual(['stable-diffusion', 'noise', null]);
  const named = (name: string) => targetModules.filter((one) => one.name === name);
  expect(named('to_out.0').map(({ count }) => count)).toEqual([6, 8]);
  expect(named('downsamplers.0.conv').every(({ role }) => role === 'convolution')).toBe(true);
  expect(named('q_proj')).toEqual([{ name: 'q_proj', count: 3, outFeatures: 24, inFeatures: 24 }]);
});

it('has the sites of the U-Net alone where the texts’ states are given', () => {
  const parts = (of: Model): string[] => [
    ...new Set(of.targetLayers.map(({ module }) => module.split('.')[0]!)),
  ];
  expect(parts(model)).toEqual(['text_encoder', 'unet']);
  expect(parts(withTextStates(model))).toEqual(['unet']);
  expect([...withTextStates(model).weightShapes.keys()].every((name) => name.startsWith('unet.'))).toBe(true);
});

it('has weights whose singular values can be told, convolutions as the matrices that they are', () => {
  const convolution = weightSites(model).find(({ module }) => module.endsWith('downsamplers.0.conv'))!;
  const { outFeatures: rows, inFeatures: columns } = convolution;
  expect([rows, columns]).toEqual([8, 72]);
  const data = readLayerWeight(model, convolution);
  const values = singularValues({ rows, columns, data }, convolution.module);
  const energy = data.reduce((sum, value) => sum + value ** 2, 0);
  expect(values.reduce((sum, value) => sum + value ** 2, 0)).toBeCloseTo(energy, 4);
});

const { model: given, batches } = readRun(fixture);
const predictionOf = async (of: Model): Promise<Float32Array> => {
  const g = createGraphBuilder();
  const { hidden } = buildForward(g, of, { positions: 96 });
  const session = await createSession(g.build({ hidden }), { threads: 1 });
  const { hidden: found } = await session.run(noise.scored.feeds(batches[0]!));
  await session.release();
  return found!.data as Float32Array;
};
it('holds a part of the model apart from the whole, in one folder of bases', () => {
  const cacheFolder = mkdtempSync(join(tmpdir(), 'nora-bases-'));
  const [part, whole] = [given, model].map(
    (one) => withBaseFormat(one, 'bf16', { cacheFolder }).base!.tensors,
  );
  expect(part!.has('vae.encoder.conv_in.weight')).toBe(false);
  expect(whole!.has('vae.encoder.conv_in.weight')).toBe(true);
});

const most: Readonly<Record<string, number>> = { fp32: 0, bf16: 0.03, fp16: 0.004, int8: 0.05, int4: 0.5 };

it.each(baseFormats)('predicts nearly the same from a base in %s', async (format) => {
  const cacheFolder = mkdtempSync(join(tmpdir(), 'nora-bases-'));
  const [exact, held] = [
    await predictionOf(given),
    await predictionOf(withBaseFormat(given, format, { cacheFolder })),
  ];
  const off = exact.map((value, at) => value - held[at]!);
  expect(Math.hypot(...off) / Math.hypot(...exact)).toBeLessThanOrEqual(most[format]!);
  if (format !== 'fp32') expect(off.some((value) => value !== 0)).toBe(true);
});
