import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSafetensorsHeader, readTensorFloat32 } from '../../../main/engine/formats/safetensors.ts';
import { createGraphBuilder } from '../../../main/engine/graph/create-graph-builder.ts';
import {
  diffusionOf,
  onlyTexts,
  vaeDecoder,
  vaeEncoder,
  withClipSkip,
  withTextStates,
} from '../../../main/engine/models/diffusion-model.ts';
import { buildForward, openModel, type Model } from '../../../main/engine/models/model.ts';
import { createSession } from '../../../main/engine/runtime/session.ts';
import type { Tensor } from '../../../main/engine/tensor.ts';

const fixtures = join(import.meta.dirname, '../../numeric/fixtures');
const kinds = ['sd15', 'sd21', 'sdxl'] as const;
const modelOf = (kind: string): Model => openModel(join(fixtures, kind, 'model'));

interface PlainBatch {
  readonly timesteps: readonly number[];
  readonly input_ids: readonly (readonly number[])[];
  readonly input_ids_2?: readonly (readonly number[])[];
  readonly time_ids?: readonly (readonly number[])[];
}

/** One batch of a reference, as the graph takes it and as numbers. */
const batchOf = (kind: string, index: number) => {
  const file = readFileSync(join(fixtures, kind, 'batches.json'), 'utf8');
  const batch = (JSON.parse(file) as PlainBatch[])[index]!;
  const header = readSafetensorsHeader(join(fixtures, kind, 'batches.safetensors'));
  const tensor = (name: string): Tensor => ({
    shape: header.tensors.get(`${name}.${index}`)!.shape,
    data: readTensorFloat32(header, `${name}.${index}`),
  });
  return { ...batch, tensor };
};

const idTensor = (rows: readonly (readonly number[])[]): Tensor => ({
  shape: [rows.length, rows[0]!.length],
  data: BigInt64Array.from(rows.flat(), BigInt),
});

const run = async (model: Model, feeds: Readonly<Record<string, Tensor>>): Promise<Float32Array> => {
  const g = createGraphBuilder();
  const { hidden } = buildForward(g, model, { positions: 96 });
  const session = await createSession(g.build({ hidden }), { threads: 2 });
  const { hidden: found } = await session.run(feeds);
  await session.release();
  return found!.data as Float32Array;
};

const worst = (own: ArrayLike<number>, reference: ArrayLike<number>): number => {
  expect(own.length).toBe(reference.length);
  return Array.from(own).reduce((most, value, at) => Math.max(most, Math.abs(value - reference[at]!)), 0);
};

const addedOf = (model: Model, batch: ReturnType<typeof batchOf>): Record<string, Tensor> => {
  const { added } = diffusionOf(model.architecture);
  if (!added) return {};
  const pooled = batch.tensor('pooled').data as Float32Array;
  const rows = batch.time_ids!.map((numbers, row) => [
    ...pooled.subarray(row * added.pooledWidth, (row + 1) * added.pooledWidth),
    ...added.features(numbers),
  ]);
  return { added: { shape: [rows.length, rows[0]!.length], data: Float32Array.from(rows.flat()) } };
};

const endsOf = (model: Model, batch: ReturnType<typeof batchOf>): Record<string, Tensor> => {
  const encoder = diffusionOf(model.architecture).texts.find(({ pooledWidth }) => pooledWidth !== null);
  if (!encoder) return {};
  const ids = batch.input_ids_2!;
  const data = Float32Array.from(
    ids.flatMap((row) => row.map((_, at) => (at === encoder.endOf(row) ? 1 : 0))),
  );
  return { text_ends: { shape: [ids.length, ids[0]!.length], data } };
};

describe.each(kinds)('%s', (kind) => {
  const whole = modelOf(kind);
  const { times } = diffusionOf(whole.architecture);
  const timesOf = (batch: ReturnType<typeof batchOf>): Tensor => {
    const data = times(batch.timesteps);
    return { shape: [batch.timesteps.length, data.length / batch.timesteps.length], data };
  };

  it('predicts what diffusers does, of latents of two sizes, with texts given and with texts in the graph', async () => {
    for (const index of [0, 1]) {
      const batch = batchOf(kind, index);
      expect(
        worst(timesOf(batch).data as Float32Array, batch.tensor('times').data as Float32Array),
      ).toBeLessThan(1e-4);
      const shared = { latents: batch.tensor('noisy'), times: timesOf(batch) };
      const given = await run(withTextStates(whole), {
        ...shared,
        text_states: batch.tensor('text_states'),
        ...addedOf(whole, batch),
      });
      const logits = readSafetensorsHeader(join(fixtures, kind, 'logits.safetensors'));
      if (index === 0) expect(worst(given, readTensorFloat32(logits, 'logits'))).toBeLessThan(5e-6);
      const features = batch.time_ids?.map((numbers) =>
        diffusionOf(whole.architecture).added!.features(numbers),
      );
      const inGraph = await run(whole, {
        ...shared,
        input_ids: idTensor(batch.input_ids),
        ...(batch.input_ids_2 ? { input_ids_2: idTensor(batch.input_ids_2) } : {}),
        ...endsOf(whole, batch),
        ...(features
          ? {
              time_features: {
                shape: [features.length, features[0]!.length],
                data: Float32Array.from(features.flatMap((row) => [...row])),
              },
            }
          : {}),
      });
      expect(worst(inGraph, given)).toBeLessThan(5e-6);
    }
  });

  it('has the states of texts that transformers has, a layer earlier too', async () => {
    const batch = batchOf(kind, 0);
    const { texts, positions } = diffusionOf(whole.architecture);
    for (const [skipped, name] of [
      [0, 'text_states'],
      [1, 'text_states_skipped'],
    ] as const) {
      const expected = batch.tensor(name);
      let from = 0;
      for (const [at, { input, width, pooledWidth }] of texts.entries()) {
        const ids = input === 'input_ids' ? batch.input_ids : batch.input_ids_2!;
        const own = await run(onlyTexts(withClipSkip(whole, skipped), at), {
          [input]: idTensor(ids),
          ...(pooledWidth === null ? {} : endsOf(whole, batch)),
        });
        const all = expected.shape[2]!;
        const size = positions * width + (pooledWidth ?? 0);
        for (let row = 0; row < ids.length; row++) {
          const states = own.subarray(row * size, row * size + positions * width);
          const reference = Array.from(states, (_, index) => {
            const token = Math.floor(index / width);
            return (expected.data as Float32Array)[(row * positions + token) * all + from + (index % width)]!;
          });
          expect(worst(states, reference)).toBeLessThan(5e-6);
          if (pooledWidth === null) continue;
          const pooled = batch.tensor('pooled').data as Float32Array;
          expect(
            worst(
              own.subarray(row * size + positions * width, (row + 1) * size),
              pooled.subarray(row * pooledWidth, (row + 1) * pooledWidth),
            ),
          ).toBeLessThan(5e-6);
        }
        from += width;
      }
    }
  });

  it('makes latents of pictures and pictures of latents as diffusers does', async () => {
    const header = readSafetensorsHeader(join(fixtures, kind, 'vae.safetensors'));
    const tensor = (name: string): Tensor => ({
      shape: header.tensors.get(name)!.shape,
      data: readTensorFloat32(header, name),
    });
    const moments = await run(vaeEncoder(whole), { pixels: tensor('pixels') });
    expect(worst(moments, tensor('moments').data as Float32Array)).toBeLessThan(5e-6);
    const decoded = await run(vaeDecoder(whole), { latents: tensor('latents') });
    expect(worst(decoded, tensor('decoded').data as Float32Array)).toBeLessThan(5e-6);
  });
});
