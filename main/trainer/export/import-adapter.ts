import { writeAdapter } from '../../engine/adapters/folder/adapter-folder.ts';
import { describeAdapter } from '../../engine/adapters/settings/adapter-settings.ts';
import type { ImportedAdapter } from '../../engine/peft/form.ts';
import {
  allFactors,
  factorKey,
  layerAdapter,
  type FactorValues,
} from '../../engine/adapters/layer/layer-adapter.ts';
import { checkBaseCopies } from '../../engine/peft/base-copies.ts';
import { readPeft } from '../../engine/peft/index.ts';
import { invalidInput } from '../../engine/errors.ts';
import { completeAdapter } from '../../engine/init/complete-adapter.ts';
import { openModel, type Model } from '../../engine/models/model.ts';
import { trainedLayout, type TrainedModel } from '../../engine/train/model/trained-model.ts';
import { sampleLogits, sampleBatch } from './export-check.ts';
import { loraFileAt, readDiffusionLora } from './diffusion-lora-in.ts';
import type { JobContext } from '../protocol/job.ts';
import type { ImportSpecification } from '../protocol/protocol.ts';

/**
 * Takes an adapter folder of PEFT's, or a file of LoRA for a model that draws pictures, into the workbench's own form, checked: every module and size against the model, every number
 * finite, and the logits of model + adapter computed once.
 */
export const importAdapter = async (
  specification: ImportSpecification,
  { emit }: JobContext,
): Promise<void> => {
  const { modelDirectory, peftDirectory, destination, onResidualBase, threads } = specification;
  const model = openModel(modelDirectory);
  const loraFile = loraFileAt(peftDirectory);
  const read =
    loraFile === null
      ? readPeft(peftDirectory, model.targetLayers, { onResidualBase })
      : readDiffusionLora(loraFile, model);
  const { settings, layers, weights } = read;
  checkWeights(peftDirectory, model, read);
  // A start that changed the base changed its copy as well; it is made again from the model's own weights.
  if (loraFile === null && !describeAdapter(settings).residual && !onResidualBase)
    checkBaseCopies(peftDirectory, model);
  const description = describeAdapter(settings);
  const values = await completeAdapter(model, read);
  const trained: TrainedModel = {
    model,
    adapter: { description, layers, values },
    trainedWeights: weights.map(({ name }) => name),
  };
  checkFinite(peftDirectory, trained, values);
  const batch = sampleBatch(model);
  const logits = await sampleLogits(trained, batch, threads);
  if (!logits.every(Number.isFinite))
    throw invalidInput(`${peftDirectory}: the model's logits are not finite with this adapter`);
  await writeAdapter(destination, { settings, layers, weights, values });
  emit({
    type: 'imported',
    summary: { settings, trainedParameters: trainedLayout(trained).total, promptTokens: batch.tokens },
  });
};

const checkWeights = (directory: string, model: Model, { weights }: ImportedAdapter): void => {
  for (const { name, shape } of weights) {
    const known = model.weightShapes.get(name);
    if (known?.join() === shape.join()) continue;
    const has = known ? `has as (${known.join(' x ')})` : 'does not have';
    throw invalidInput(
      `${directory}: holds ${name} (${shape.join(' x ')}), trained whole, which the model ${has}`,
    );
  }
};

const checkFinite = (
  directory: string,
  { adapter, trainedWeights }: TrainedModel,
  values: FactorValues,
): void => {
  const { description, layers } = adapter!;
  const keys = layers.flatMap((layer) =>
    allFactors(layerAdapter(description, layer)).map((factor) => factorKey(layer.module, factor)),
  );
  const broken = [...keys, ...trainedWeights].find((key) => !values.get(key)?.every(Number.isFinite));
  if (broken !== undefined) throw invalidInput(`${directory}: ${broken} holds a number that is not finite`);
};
