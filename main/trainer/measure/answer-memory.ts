import { checkAdapterFits } from '../../engine/adapters/layer/adapter-fits.ts';
import type { AdapterSettings } from '../../engine/adapters/settings/adapter-settings.ts';
import { estimateRun } from '../../engine/memory/estimate-run.ts';
import { WorkbenchError } from '../../engine/errors.ts';
import type { MemoryEstimate } from '../../engine/memory/estimate.ts';
import { fittingSettings, type MemorySettings } from '../../engine/memory/fitting-settings.ts';
import { describedModel } from '../../engine/models/classifier/classifier-folder.ts';
import { openModelFolder } from '../../engine/formats/model-folder.ts';
import { drawsPictures, isOfPictures, isOfText } from '../../engine/train/settings/picture-checks.ts';
import type { MemoryAnswer, MemoryQuestion } from '../protocol/memory-schema.ts';
import { estimateDiffusionRun } from './diffusion-memory.ts';
import { estimatePictureRun } from './picture-memory.ts';

/**
 * Estimates what runs would take, and looks for settings that fit where one does not. Graphs of thousands of nodes are built for
 * each: up to a second for a model of a hundred layers' products, which is why it is a process's job.
 */
export const answerMemory = ({
  modelDirectory,
  adapters,
  training,
  classes,
  captions,
  available,
}: MemoryQuestion): MemoryAnswer => {
  const model = describedModel(openModelFolder(modelDirectory));
  const { name, objective } = model.architecture;
  const onPictures = isOfPictures(objective);
  if (onPictures && classes === undefined && captions === undefined)
    throw new WorkbenchError(
      'unsupported',
      `what a ${name} model takes depends on the classes of its data: it is estimated for an experiment`,
    );
  const estimateOne = (adapter: AdapterSettings, settings: MemoryQuestion['training']): MemoryEstimate => {
    if (drawsPictures(objective)) return estimateDiffusionRun(model, adapter, settings);
    return classes === undefined && captions === undefined
      ? estimateRun(model, adapter, settings)
      : estimatePictureRun(model, { classes, captions }, adapter, settings);
  };
  const known = new Map<string, MemoryEstimate>();
  const estimate = (adapter: AdapterSettings, changes: Partial<MemorySettings> = {}): MemoryEstimate => {
    const key = JSON.stringify([adapter, changes]);
    const made = known.get(key) ?? estimateOne(adapter, { ...training, ...changes });
    known.set(key, made);
    return made;
  };

  for (const adapter of adapters) checkAdapterFits(model, adapter);
  const estimates = adapters.map((adapter) => estimate(adapter));
  const tooLarge = adapters
    .map((adapter, index) => ({ adapter, total: estimates[index]!.total }))
    .filter(({ total }) => total > available)
    .sort((a, b) => b.total - a.total)
    .map(({ adapter }) => adapter);
  if (tooLarge.length === 0) return { estimates, suggestion: null };

  const { memory, batchSize, gradientAccumulation, sequenceLength, baseFormat } = training;
  const settings = fittingSettings(
    { memory, batchSize, gradientAccumulation, sequenceLength, baseFormat },
    (changes) =>
      (isOfText(objective) || areOfPictures(changes, training)) &&
      tooLarge.every((adapter) => estimate(adapter, changes).total <= available),
  );
  if (settings === null) return { estimates, suggestion: null };
  const totals = adapters.map((adapter) => estimate(adapter, settings).total);
  return { estimates, suggestion: { settings, total: Math.max(...totals) } };
};

/** Prompts are as long as they are, and the base is as it is in its files. */
const areOfPictures = (changes: MemorySettings, { sequenceLength, baseFormat }: MemorySettings): boolean =>
  changes.sequenceLength === sequenceLength && changes.baseFormat === baseFormat;
