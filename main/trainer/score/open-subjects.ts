import { atClipSkip } from '../../engine/models/diffusion-model.ts';
import { readAdapter, type OpenedAdapter } from '../../engine/adapters/folder/adapter-folder.ts';
import { classesOfPictures } from '../../engine/data/pictures/pictures-format.ts';
import { describeAdapter } from '../../engine/adapters/settings/adapter-settings.ts';
import { mapLabels, type Classes } from '../../engine/data/examples/class-labels.ts';
import { WorkbenchError } from '../../engine/errors.ts';
import { openModelFolder } from '../../engine/formats/model-folder.ts';
import { hashesByPath } from '../../engine/formats/model-identity.ts';
import { assertFinite } from '../../engine/formats/non-finite.ts';
import { headClassesOf, lacksHead } from '../../engine/models/classifier/classifier-folder.ts';
import { comparedWith } from '../../engine/models/compared-model.ts';
import { openModel, type Model } from '../../engine/models/model.ts';
import { checkBaseFormat, withBaseFormat } from '../../engine/models/weights/quantized-base.ts';
import { checkFormat } from '../../engine/objectives/checks.ts';
import { objectiveOfFolder } from '../../engine/objectives/index.ts';
import { diffusionSettingsOf } from '../../engine/train/settings/diffusion-settings.ts';
import { drawsPictures } from '../../engine/train/settings/picture-checks.ts';
import type { TrainedModel } from '../../engine/train/model/trained-model.ts';
import { assertBelongs } from '../export/adapter-belongs.ts';
import { openTrained } from '../export/open-trained.ts';
import type { ScoreSpecification } from '../protocol/score-schema.ts';

export interface OpenedSubject {
  readonly id: string;
  readonly trained: TrainedModel;
  /** Why nothing can be said of it, in a line; null where it can be scored. */
  readonly problem: string | null;
}

export interface OpenedSubjects {
  readonly model: Model;
  /** Of a classifier; null for models that predict tokens. */
  readonly classes: Classes | null;
  readonly subjects: readonly OpenedSubject[];
}

/**
 * Opens the model once, and every subject on it.
 * @throws WorkbenchError for a model or an adapter that can't be read, for adapters of another model, or of different classes
 */
export const openSubjects = (specification: ScoreSpecification): OpenedSubjects => {
  const { modelDirectory, subjects, baseFormat, device, cacheDirectory } = specification;
  checkBaseFormat(baseFormat, device);
  const adapters = subjects.map(({ adapterDirectory }) =>
    adapterDirectory === null ? null : readAdapter(adapterDirectory),
  );
  const original = openBase(specification, adapters);
  assertFinite(original.model.folder);
  const model = withBaseFormat(original.model, baseFormat, {
    device,
    ...(cacheDirectory === null ? {} : { cacheFolder: cacheDirectory }),
    hashes: hashesByPath(modelDirectory, specification.modelFiles ?? []),
  });
  return {
    model,
    classes: original.classes,
    subjects: subjects.map(({ id, adapterDirectory }, index) => {
      const saved = adapters[index] ?? null;
      if (saved === null || adapterDirectory === null)
        return {
          id,
          trained: { model, adapter: null, trainedWeights: [] },
          problem: original.headIsNew ? headIsNew : null,
        };
      assertBelongs(model, saved, { adapterDirectory, modelDirectory });
      const { settings, layers, values, files } = saved;
      const adapter = { description: describeAdapter(settings), layers, values, files };
      const trainedWeights = saved.weights.map(({ name }) => name);
      return { id, trained: { model, adapter, trainedWeights }, problem: null };
    }),
  };
};

const headIsNew =
  'the model brings no head for classes, so it says nothing of them before an adapter has trained one';

interface OpenedBase {
  readonly model: Model;
  readonly classes: Classes | null;
  readonly headIsNew: boolean;
}

/** The base as its adapters saw it; without any, as its folder has it. */
const openBase = (
  {
    modelDirectory,
    dataset,
    diffusion,
  }: Pick<ScoreSpecification, 'modelDirectory' | 'dataset' | 'diffusion'>,
  adapters: readonly (OpenedAdapter | null)[],
): OpenedBase => {
  const folder = openModelFolder(modelDirectory);
  if (drawsPictures(objectiveOfFolder(folder))) {
    const model = atClipSkip(
      openModel(modelDirectory),
      diffusionSettingsOf({ diffusion }).clipSkip,
      'training.diffusion.clipSkip',
    );
    return { model, classes: null, headIsNew: false };
  }
  if (dataset?.format.kind === 'pictures') {
    checkFormat(objectiveOfFolder(folder), dataset.format);
    const classes = classesOfPictures(dataset.format, dataset.trainFile);
    const model = comparedWith(openModel(modelDirectory), 'class-prompts', classes.length);
    return { model, classes: null, headIsNew: false };
  }
  if (objectiveOfFolder(folder) !== 'classification')
    return { model: openModel(modelDirectory), classes: null, headIsNew: false };
  const trained = adapters.filter((saved) => saved !== null);
  const [first] = trained;
  const names = first?.classes;
  if (first === undefined || !names) {
    const head = headClassesOf(folder);
    if (head === null || lacksHead(folder))
      throw new WorkbenchError('unsupported', `${modelDirectory}: ${headIsNew}`);
    return { model: openModel(modelDirectory), classes: mapLabels([], head), headIsNew: false };
  }
  if (trained.some(({ classes }) => classes?.join('\n') !== names.join('\n')))
    throw new WorkbenchError('conflict', 'the adapters were trained on different classes; score them apart');
  return {
    model: openTrained(modelDirectory, first),
    classes: mapLabels([], { kind: 'named', names }),
    headIsNew: lacksHead(folder),
  };
};
