import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  clipLoraFile,
  clipLoraName,
  type ClipLoraFile,
} from '../../engine/adapters/clip-lora/clip-lora-file.ts';
import {
  backboneOf,
  clipLoraLayout,
  towers,
  type Tower,
} from '../../engine/adapters/clip-lora/clip-lora-layout.ts';
import { adapterSettingsSchema, describeAdapter } from '../../engine/adapters/settings/adapter-settings.ts';
import { WorkbenchError } from '../../engine/errors.ts';
import { writeFileWhole } from '../../engine/formats/atomic-file.ts';
import { makeFolder } from '../../engine/formats/make-folder.ts';
import { towersOf } from '../../engine/models/compared-model.ts';
import type { Model } from '../../engine/models/model.ts';
import type { TrainedModel } from '../../engine/train/model/trained-model.ts';
import type { CheckedExport, ExportJob } from './export-job.ts';
import { compareLogits, logitCheck } from './export-check.ts';

/** lora_weights.pt, which CLIP-LoRA's own code loads on the model that it was trained on. */
export const exportClipLora = async (job: ExportJob): Promise<CheckedExport> => {
  const { directory, model, saved, adapter, trainedWeights, data, logitsOf, report } = job;
  if (model.architecture.name !== 'clip')
    throw new WorkbenchError(
      'unsupported',
      `CLIP-LoRA's file: holds adapters of CLIP, and this is a ${model.architecture.name} model; export a PEFT folder`,
    );
  const depths = depthsOf(model);
  const layout = clipLoraLayout(saved.layers, depths, backboneOf(depths.vision, patchOf(model)));
  const file = clipLoraFile(saved, layout);
  const path = join(directory, `${clipLoraName}.pt`);
  makeFolder(directory);
  writeFileWhole(path, file.bytes);

  report('checking', 0, 2);
  const reference = await logitsOf({ model, adapter, trainedWeights });
  report('checking', 1, 2);
  const written = asWritten(job, file, readFileSync(path));
  const difference = compareLogits(reference, await logitsOf(written));
  const { encoder, params, position } = layout;
  return {
    check: logitCheck(difference, difference, data.compared), // adapters are not rounded
    written,
    notices: [
      `CLIP-LoRA takes ${clipLoraName}.pt at SAVE_PATH/BACKBONE/DATASET/SHOTSshots/seedSEED with --eval_only --encoder ${encoder} --params ${params.join(' ')} --position ${position} --r ${file.rank} --alpha ${file.alpha}, where it puts it on OpenAI's weights: it belongs to this model's`,
      ...(file.scaledB
        ? [
            'its loader takes a whole alpha and divides it by the root of the rank: the rest of the scaling is in B',
          ]
        : []),
    ],
  };
};

/** What its code computes with the numbers that stand in the file: LoRA with alpha / sqrt(r). */
const asWritten = (
  { model, saved }: Pick<ExportJob, 'model' | 'saved'>,
  { rank, alpha, tensors, places }: ClipLoraFile,
  bytes: Buffer,
): TrainedModel => {
  const numbersAt = (tensor: ClipLoraFile['tensors'][number]['a']): Float32Array => {
    const place = places.get(tensor)!;
    return new Float32Array(Uint8Array.from(bytes.subarray(place.offset, place.offset + place.bytes)).buffer);
  };
  const values = new Map(
    tensors.flatMap(({ module, a, b }) => [
      [`${module}.lora_A`, numbersAt(a)] as const,
      [`${module}.lora_B`, numbersAt(b)] as const,
    ]),
  );
  const targetModules = tensors.map(({ module }) => module);
  const settings = adapterSettingsSchema.parse({ method: 'rslora', rank, alpha, targetModules });
  return {
    model,
    adapter: { description: describeAdapter(settings), layers: saved.layers, values },
    trainedWeights: [],
  };
};

const depthsOf = ({ linearLayers }: Model): Readonly<Record<Tower, number>> => {
  const depth = (tower: Tower): number =>
    linearLayers.filter(({ module }) => module.startsWith(`${tower}_model.`) && module.endsWith('.q_proj'))
      .length;
  return Object.fromEntries(towers.map((tower) => [tower, depth(tower)])) as Record<Tower, number>;
};

/** Pixels of a patch's side: all positions but the class token's are patches. */
const patchOf = ({ architecture }: Model): number => {
  const { input, positions } = towersOf(architecture).pictures;
  return input.shape.at(-1)! / Math.sqrt(positions - 1);
};
