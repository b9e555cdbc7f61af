import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Batch } from '../../../main/engine/data/batches/batch.ts';
import { readSafetensorsHeader, readTensorFloat32 } from '../../../main/engine/formats/safetensors.ts';
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

/** Of any architecture. */
export const readRun = (folder: string): GoldenRun => {
  const model = openModel(join(folder, 'model'));
  return model.architecture.towers ? pictureRun(folder, model) : { model, batches: readBatches(folder) };
};
