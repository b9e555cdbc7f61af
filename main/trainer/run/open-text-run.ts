import { checkAdapterFits } from '../../engine/adapters/layer/adapter-fits.ts';
import { templateBeside } from '../../engine/data/chat/template-notices.ts';
import { paddingId } from '../../engine/data/tokens/padding-id.ts';
import { loadTokenizer } from '../../engine/data/tokens/tokenizer.ts';
import { invalidInput } from '../../engine/errors.ts';
import { hashesByPath } from '../../engine/formats/model-identity.ts';
import { assertFinite } from '../../engine/formats/non-finite.ts';
import type { Model } from '../../engine/models/model.ts';
import { withBaseFormat } from '../../engine/models/weights/quantized-base.ts';
import { textObjectiveOf } from '../../engine/objectives/index.ts';
import type { RowsRun } from '../protocol/rows-run.ts';
import type { Share } from './group/shared-things.ts';
import { openForRun, type OpenedRun } from './open-for-run.ts';
import type { Report } from './report.ts';
import { textBatches } from './run-batches.ts';
import { prepareData } from './run-data.ts';
import type { RunSubject } from './run-subject.ts';
import { samplePrompts } from './sample-prompts.ts';

interface SharedModel extends OpenedRun {
  /** As it is in its files; `model` has its weights in the format that the run asks for. */
  readonly original: Model;
}

/** What the model of a run, and the rows of its data, follow from. */
const modelKeyOf = (specification: RowsRun): readonly unknown[] => {
  const { modelDirectory, modelFiles, cacheDirectory, dataset, training, adapter, seed, runDirectory } =
    specification;
  const { baseFormat, device, packing } = training;
  // A classifier may get a new head, which the seed draws and the adapter has to train.
  const ofHead = dataset.format.kind === 'classification' ? [adapter, seed, runDirectory] : [];
  return [modelDirectory, modelFiles, cacheDirectory, dataset, baseFormat, device, packing, ...ofHead];
};

const openShared = (specification: RowsRun): SharedModel => {
  const { training, cacheDirectory, modelDirectory, modelFiles = [] } = specification;
  const opened = openForRun(specification);
  assertFinite(opened.model.folder);
  const model = withBaseFormat(opened.model, training.baseFormat, {
    device: training.device,
    ...(cacheDirectory === null ? {} : { cacheFolder: cacheDirectory }),
    hashes: hashesByPath(modelDirectory, modelFiles),
  });
  return { ...opened, original: opened.model, model };
};

/** A run on rows of texts. What it has in common with the runs beside it is read once. */
export const openTextRun = async (
  specification: RowsRun,
  report: Report,
  share: Share,
): Promise<RunSubject> => {
  const { adapter: settings, training, seed } = specification;
  const modelKey = modelKeyOf(specification);
  const opened = await share.get(['model', modelKey], () => openShared(specification));
  const { model, original, sources, classes, notices: headNotices } = opened;
  checkAdapterFits(model, settings);
  const { maximumPositions } = model.architecture;
  const { sequenceLength, lossOn } = training;
  if (sequenceLength > maximumPositions)
    throw invalidInput(
      `training.sequenceLength: ${sequenceLength} is more than the ${maximumPositions} positions of ${model.folder.directory}`,
    );

  await report('preparing-data', 0, 1);
  const tokenizer = await share.get(['tokenizer', modelKey], () => loadTokenizer(model.folder.directory));
  const padId = paddingId(tokenizer, model.architecture.vocabularySize);
  const batching = textObjectiveOf(model.architecture).batching({ ...training, padId });
  const dataKey = [
    'data',
    modelKey,
    specification.date,
    specification.heldOut ?? seed,
    sequenceLength,
    lossOn,
  ];
  const data = await share.get(dataKey, () => prepareData(specification, sources, classes, model, tokenizer));
  const prompts = samplePrompts(specification, { sources, validation: data.validation, model, tokenizer });
  return {
    model,
    modelKey,
    positions: sequenceLength,
    batches: textBatches(specification, data, batching),
    tokenizer,
    samplePrompts: prompts.prompts,
    drawing: null,
    classNames: classes?.names ?? null,
    chatTemplate: templateBeside(tokenizer, specification.dataset.format),
    notices: [...original.notices, ...tokenizer.notices, ...headNotices, ...data.notices, ...prompts.notices],
  };
};
