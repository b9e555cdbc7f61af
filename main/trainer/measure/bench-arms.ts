import { join } from 'node:path';
import { readAdapter, writeAdapter } from '../../engine/adapters/folder/adapter-folder.ts';
import { checkAdapterFits } from '../../engine/adapters/layer/adapter-fits.ts';
import { selectTargets, selectWeights } from '../../engine/adapters/layer/target-modules.ts';
import { describeAdapter } from '../../engine/adapters/settings/adapter-settings.ts';
import type { Batch } from '../../engine/data/batches/batch.ts';
import { invalidInput } from '../../engine/errors.ts';
import { assertFinite } from '../../engine/formats/non-finite.ts';
import { calibrate } from '../../engine/init/calibration.ts';
import { initialiseAdapter } from '../../engine/init/initialise-adapter.ts';
import { calibrationOf } from '../../engine/init/outer-parts.ts';
import { openModel, type Model } from '../../engine/models/model.ts';
import { withBaseFormat } from '../../engine/models/weights/quantized-base.ts';
import type { AdapterState, TrainedModel } from '../../engine/train/model/trained-model.ts';
import type { BenchSpecification } from '../protocol/bench-schema.ts';

/** Opens the model and refuses what does not fit it, as a run does. */
export const openToTrain = (specification: BenchSpecification): Model => {
  const { modelDirectory, adapter, sequenceLength, base, device } = specification;
  const original = openModel(modelDirectory);
  assertFinite(original.folder);
  const model = withBaseFormat(original, base, { device });
  checkAdapterFits(model, adapter);
  const { maximumPositions } = model.architecture;
  if (sequenceLength > maximumPositions)
    throw invalidInput(`--seq: ${sequenceLength} is more than the model's ${maximumPositions} positions`);
  return model;
};

interface ArmStart {
  readonly specification: BenchSpecification;
  readonly model: Model;
  readonly batch: Batch;
  /** Where it is written, as a run does: frozen factors are read in place from there. */
  readonly directory: string;
}

/** The adapter before its first step; activation statistics come from the batch that is trained on. */
const startAdapter = async (
  settings: BenchSpecification['adapter'],
  { specification, model, batch, directory }: ArmStart,
): Promise<AdapterState> => {
  const { sequenceLength, threads, seed } = specification;
  const description = describeAdapter(settings);
  const layers = selectTargets(model.targetLayers, settings);
  const values = await initialiseAdapter({
    model,
    description,
    layers,
    seed,
    calibrate: (group) =>
      calibrate({
        model,
        layers: group,
        batches: [batch],
        positions: sequenceLength,
        statistics: calibrationOf(description).statistics,
        threads,
      }),
  });
  await writeAdapter(directory, { settings, layers, weights: [], values });
  const stored = readAdapter(directory);
  return { description, layers, values: stored.values, files: stored.files };
};

/** What is trained side by side on one base, each before its first step. */
export const startArms = async (
  specification: BenchSpecification,
  model: Model,
  batch: Batch,
): Promise<TrainedModel[]> => {
  const arms: TrainedModel[] = [];
  for (const settings of [specification.adapter, ...specification.beside]) {
    const directory = join(specification.scratchDirectory, `${arms.length}`);
    const adapter = await startAdapter(settings, { specification, model, batch, directory });
    arms.push({ model, adapter, trainedWeights: selectWeights(model.trainableWeights, settings) });
  }
  return arms;
};
