import { basename, join } from 'node:path';
import {
  diffusersLoraName,
  writeDiffusersFile,
} from '../../engine/adapters/diffusion-lora/diffusers-file.ts';
import { writeKohyaFile } from '../../engine/adapters/diffusion-lora/kohya-file.ts';
import { plainPairs, type PlainPair } from '../../engine/adapters/diffusion-lora/plain-pairs.ts';
import { readLoraFile } from '../../engine/adapters/diffusion-lora/read-lora-file.ts';
import { describeAdapter } from '../../engine/adapters/settings/adapter-settings.ts';
import { isDiffusionConfig, type DiffusionConfig } from '../../engine/formats/diffusion/configuration.ts';
import { makeFolder } from '../../engine/formats/make-folder.ts';
import { completeAdapter } from '../../engine/init/complete-adapter.ts';
import type { TrainedModel } from '../../engine/train/model/trained-model.ts';
import type { CheckedExport, ExportJob } from './export-job.ts';
import { compareLogits, logitCheck } from './export-check.ts';

interface Form {
  /** As in errors. */
  readonly title: string;
  readonly write: (
    directory: string,
    pairs: readonly PlainPair[],
    config: DiffusionConfig,
    job: ExportJob,
  ) => string;
  /** For whoever loads it. */
  readonly notices: (file: string, pairs: readonly PlainPair[]) => readonly string[];
}

/** @returns the file's name in the folder */
const writeKohya: Form['write'] = (directory, pairs, config, { specification }) => {
  const outputName = basename(specification.destination);
  const file = `${outputName}.safetensors`;
  writeKohyaFile(join(directory, file), pairs, config, {
    outputName,
    baseModelName: specification.baseModelName,
    date: new Date().toISOString().slice(0, 19),
  });
  return file;
};

const forms = {
  kohya: {
    title: "kohya's file",
    write: writeKohya,
    notices: (file) => [
      `ComfyUI, A1111 and Forge take ${file} in their folder of LoRA (models/loras, models/Lora)`,
    ],
  },
  diffusers: {
    title: "diffusers' file",
    write: (directory, pairs) => {
      writeDiffusersFile(join(directory, diffusersLoraName), pairs);
      return diffusersLoraName;
    },
    notices: (_, pairs) => [
      "diffusers takes the folder: pipeline.load_lora_weights('FOLDER')",
      ...(pairs.some(({ lengths }) => lengths !== undefined)
        ? ['programs other than diffusers leave the lengths of DoRA out: export merged weights for them']
        : []),
    ],
  },
} as const satisfies Record<string, Form>;

/** One file that programs load on the base model. */
export const exportDiffusionLora = async (job: ExportJob): Promise<CheckedExport> => {
  const { specification, directory, model, saved, adapter, trainedWeights, data, logitsOf, report } = job;
  const form: Form = forms[specification.kind as keyof typeof forms];
  const { config } = model.folder;
  if (!isDiffusionConfig(config)) throw new Error(`${model.folder.directory} is not a diffusion model`);
  const pairs = plainPairs(saved, form.title);
  makeFolder(directory);
  const file = form.write(directory, pairs, config, job);

  report('checking', 0, 2);
  const reference = await logitsOf({ model, adapter, trainedWeights });
  report('checking', 1, 2);
  const layers = model.targetLayers;
  const read = readLoraFile(join(directory, file), {
    layers,
    config,
    base: specification.baseModelName,
  });
  const written: TrainedModel = {
    model,
    adapter: {
      description: describeAdapter(read.settings),
      layers: read.layers,
      values: await completeAdapter(model, { ...read, weights: [] }),
    },
    trainedWeights: [],
  };
  const rounded = compareLogits(reference, await logitsOf(written));
  return {
    check: logitCheck(rounded, rounded, data.compared),
    written,
    notices: [...form.notices(file, pairs)],
  };
};
