import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Batch } from '../../../main/engine/data/batches/batch.ts';
import { readSafetensorsHeader, readTensorFloat32 } from '../../../main/engine/formats/safetensors.ts';
import { diffusionOf, withTextStates } from '../../../main/engine/models/diffusion-model.ts';
import { noise } from '../../../main/engine/objectives/noise.ts';
import { comparedWith, towersOf } from '../../../main/engine/models/compared-model.ts';
import { openModel, type Model } from '../../../main/engine/models/model.ts';
import { pictureObjectiveNames } from '../../../main/engine/objective-names.ts';
import { pictureObjectives } from '../../../main/engine/objectives/index.ts';
import type { TextRow } from '../../../main/engine/objectives/pictures/row-tensors.ts';
import { readBatches } from './golden-folder.ts';

/** A reference run's model, as the run had it, and its batches. */
export interface GoldenRun {
  readonly model: Model;
  readonly batches: readonly Batch[];
}

const objectiveSchema = z.object({ objective: z.enum(pictureObjectiveNames) });

const pictureBatchesSchema = z.array(
  z.object({
    input_ids: z.array(z.array(z.int())),
    attention_mask: z.array(z.array(z.int())),
    targets: z.array(z.int()).nullable(),
  }),
);
type PictureBatch = z.output<typeof pictureBatchesSchema>[number];

const readJson = <T>(file: string, schema: z.ZodType<T>): T =>
  schema.parse(JSON.parse(readFileSync(file, 'utf8')));

/** Texts of a batch without their padding. */
export const textsOf = ({ input_ids: ids, attention_mask: mask }: PictureBatch): TextRow[] =>
  ids.map((row, at) => row.filter((_, token) => mask[at]![token] === 1));

/** What a folder of CLIP's holds, in the engine's terms: pictures one after the other, and the texts of each batch. */
export const readPictures = (folder: string) => {
  const pixels = readSafetensorsHeader(join(folder, 'pixels.safetensors'));
  return readJson(join(folder, 'batches.json'), pictureBatchesSchema).map((batch, index) => {
    const all = readTensorFloat32(pixels, `pixels.${index}`);
    const count = pixels.tensors.get(`pixels.${index}`)!.shape[0]!;
    const size = all.length / count;
    const pictures = Array.from({ length: count }, (_, at) => all.slice(at * size, (at + 1) * size));
    return { texts: textsOf(batch), targets: batch.targets, pictures };
  });
};

const padId = 1;

const pictureRun = (folder: string, opened: Model): GoldenRun => {
  const { objective } = readJson(join(folder, 'expected.json'), objectiveSchema);
  const towers = towersOf(opened.architecture);
  const read = readPictures(folder);
  const model = comparedWith(opened, objective, read[0]!.texts.length);
  if (objective === 'class-prompts')
    return {
      model,
      batches: read.map(({ pictures, targets, texts }) =>
        pictureObjectives['class-prompts']
          .batching({ towers, prompts: texts, padId })
          .assemble(pictures.map((one, at) => [{ picture: () => one, label: targets![at]! }])),
      ),
    };
  const { assemble } = pictureObjectives[objective].batching({ towers, padId });
  return {
    model,
    batches: read.map(({ pictures, texts }) =>
      assemble(pictures.map((one, at) => [{ picture: () => one, caption: texts[at]! }])),
    ),
  };
};

const drawnBatchesSchema = z.array(
  z.object({
    timesteps: z.array(z.int()),
    input_ids: z.array(z.array(z.int())),
    input_ids_2: z.array(z.array(z.int())).optional(),
    time_ids: z.array(z.array(z.number())).optional(),
  }),
);

/** With the texts' states given as the reference has them, or with its texts where their encoders are adapted too. */
const drawnRun = (folder: string, opened: Model, hasTexts: boolean): GoldenRun => {
  const model = hasTexts ? opened : withTextStates(opened);
  const diffusion = diffusionOf(model.architecture);
  const { added, texts } = diffusion;
  const header = readSafetensorsHeader(join(folder, 'batches.safetensors'));
  const batches = readJson(join(folder, 'batches.json'), drawnBatchesSchema).map((batch, index) => {
    const shapeOf = (name: string): readonly number[] => header.tensors.get(`${name}.${index}`)!.shape;
    const rowsOf = (name: string): ((row: number) => Float32Array) => {
      const all = readTensorFloat32(header, `${name}.${index}`);
      const size = all.length / batch.timesteps.length;
      return (row) => all.slice(row * size, (row + 1) * size);
    };
    const [noisy, target, states] = [rowsOf('noisy'), rowsOf('target'), rowsOf('text_states')];
    const pooled = added ? rowsOf('pooled') : null;
    const [, , height, width] = shapeOf('noisy') as [number, number, number, number];
    const floats = (shape: readonly number[], data: readonly number[] | Float32Array) => ({
      shape,
      data: Float32Array.from(data),
    });
    const idsOf = (ids: readonly number[]) => ({
      shape: [ids.length],
      data: BigInt64Array.from(ids, BigInt),
    });
    const conditionsOf = (row: number) => {
      const ids = batch.input_ids[row]!;
      const second = batch.input_ids_2?.[row];
      const features = added ? added.features(batch.time_ids![row]!) : new Float32Array();
      const both = pooled ? [...pooled(row), ...features] : [];
      const end = second ? texts[1]!.endOf(second) : -1;
      return {
        text_states: floats(shapeOf('text_states').slice(1), states(row)),
        added: floats([both.length], both),
        input_ids: idsOf(ids),
        input_ids_2: idsOf(second ?? []),
        text_ends: floats(
          [ids.length],
          ids.map((_, at) => Number(at === end)),
        ),
        time_features: floats([features.length], features),
      };
    };
    return noise.batching({ diffusion }).assemble(
      batch.timesteps.map((timestep, row) => [
        {
          ...{ height, width, timestep, weight: 1, counts: true },
          latent: noisy(row),
          target: target(row),
          conditions: conditionsOf(row),
        },
      ]),
    );
  });
  return { model, batches };
};

/** Of any architecture. */
export const readRun = (folder: string, method = ''): GoldenRun => {
  const model = openModel(join(folder, 'model'));
  if (model.architecture.diffusion) return drawnRun(folder, model, method.endsWith('_texts'));
  return model.architecture.towers ? pictureRun(folder, model) : { model, batches: readBatches(folder) };
};
