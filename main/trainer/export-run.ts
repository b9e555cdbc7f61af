import { describeAdapter } from '../engine/adapters/adapter-settings.ts';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readAdapter, type OpenedAdapter, type SavedAdapter } from '../engine/adapters/adapter-folder.ts';
import { adapterFromPeft } from '../engine/adapters/from-peft.ts';
import { withTiedCopies } from '../engine/adapters/peft-tying.ts';
import { foldLayer, type FoldedLayer } from '../engine/adapters/fold.ts';
import { mergedFolder, type MergedFolder } from '../engine/adapters/merged-folder.ts';
import { invalidInput, WorkbenchError } from '../engine/errors.ts';
import { completeAdapter } from '../engine/init/complete-adapter.ts';
import { openModelFolder, readWeight } from '../engine/formats/model-folder.ts';
import { writeModelFolder } from '../engine/formats/model-folder-writer.ts';
import { readPeftLora, writePeftLora } from '../engine/formats/peft-adapter.ts';
import type { LinearLayer } from '../engine/models/architecture.ts';
import { openModel, readModel, targetName, type Model } from '../engine/models/model.ts';
import { lacksHead, withHead, withNewNames } from '../engine/models/classifier-folder.ts';
import type { UntiedWeight } from '../engine/models/untied-weights.ts';
import type { AdapterState } from '../engine/train/trained-model.ts';
import { largestDifference, promptLogits, samplePrompts } from './export-check.ts';
import type { JobContext } from './job.ts';
import { peftTask } from './peft-task.ts';
import type { ExportSpecification, ExportSummary, Phase } from './protocol.ts';

type Report = (phase: Phase, done: number, total: number) => void;
type CheckedExport = Pick<
  ExportSummary,
  'largestLogitDifference' | 'largestLogitDifferenceUnrounded' | 'largestLogit' | 'promptTokens' | 'notices'
>;

/** Writes merged weights or a PEFT adapter, then loads what was written and compares it with base + adapter. */
export const exportRun = async (specification: ExportSpecification, { emit }: JobContext): Promise<void> => {
  const report: Report = (phase, done, total) => emit({ type: 'progress', phase, done, total });
  report('loading', 0, 1);
  const saved = readAdapter(specification.adapterDirectory);
  const model = openTrained(specification.modelDirectory, saved);
  checkBelongs(model, saved, specification);
  const description = describeAdapter(saved.settings);
  const folded = saved.layers.map((layer, index) => {
    report('merging', index, saved.layers.length);
    return foldLayer(description, layer, saved.values);
  });
  const adapter: AdapterState = { description, layers: saved.layers, values: saved.values };
  const trainedWeights = saved.weights.map(({ name }) => name);
  const write = specification.kind === 'merged' ? exportMerged : exportAdapter;
  const checked = await write({ specification, model, saved, adapter, trainedWeights, folded, report });
  const files = readdirSync(specification.destination).sort();
  const bytes = files.reduce((sum, name) => sum + statSync(join(specification.destination, name)).size, 0);
  emit({ type: 'exported', summary: { destination: specification.destination, files, bytes, ...checked } });
};

/** The base as the run saw it: a classifier with the classes of its data, and with a head where the folder has none. */
const openTrained = (directory: string, { classes, files }: OpenedAdapter): Model => {
  const folder = openModelFolder(directory);
  if (!classes) return readModel(folder);
  return readModel(lacksHead(folder) ? withHead(folder, classes, files) : withNewNames(folder, classes));
};

interface Job {
  readonly saved: SavedAdapter;
  /** Base weights that were trained whole. */
  readonly trainedWeights: readonly string[];
  readonly specification: ExportSpecification;
  readonly model: Model;
  readonly adapter: AdapterState;
  readonly folded: readonly FoldedLayer<LinearLayer>[];
  readonly report: Report;
}

const checkBelongs = (
  model: Model,
  saved: SavedAdapter,
  { adapterDirectory, modelDirectory }: ExportSpecification,
): void => {
  const sizes = new Map(model.targetLayers.map((layer) => [layer.module, layer]));
  for (const { module, outFeatures, inFeatures } of saved.layers) {
    const layer = sizes.get(module);
    if (layer?.outFeatures !== outFeatures || layer.inFeatures !== inFeatures)
      throw invalidInput(
        `${adapterDirectory}: the adapter sits on ${module} (${outFeatures} x ${inFeatures}), which ${modelDirectory} does not have`,
      );
  }
};

const exportMerged = async ({
  specification,
  model,
  adapter,
  trainedWeights,
  folded,
  report,
}: Job): Promise<CheckedExport> => {
  const { destination, threads } = specification;
  const { changes, untied } = mergedFolder(model, folded, { whole: trainedWeights, values: adapter.values });
  await writeModelFolder({
    source: model.folder,
    destination,
    ...changes,
    onProgress: ({ tensors, of }) => report('merging', tensors, of),
  });

  report('checking', 0, 3);
  const batch = samplePrompts(model);
  const reference = await promptLogits({ model, adapter, trainedWeights }, batch, threads);
  report('checking', 1, 3);
  const written = openModel(destination);
  const rounded = largestDifference(
    reference,
    await promptLogits({ model: written, adapter: null, trainedWeights: [] }, batch, threads),
  );
  report('checking', 2, 3);
  const unrounded = isFloat32(model)
    ? rounded
    : largestDifference(
        reference,
        await unroundedLogits(model, changes, destination, (whole) =>
          promptLogits({ model: whole, adapter: null, trainedWeights: [] }, batch, threads),
        ),
      );
  return {
    largestLogitDifference: rounded.difference,
    largestLogitDifferenceUnrounded: unrounded.difference,
    largestLogit: rounded.largest,
    promptTokens: batch.tokens,
    ...(untied.length === 0 ? {} : { notices: untied.map(untiedNotice) }),
  };
};

const untiedNotice = ({ layer: { module }, name, like }: UntiedWeight): string =>
  `${module} had the weight ${like} in the base model and differs from it now: it is written as ${name}, with tie_word_embeddings false in config.json`;

const isFloat32 = ({ folder }: Model): boolean =>
  [...folder.tensors.values()].every(({ dtype }) => dtype === 'F32');

/** The merged model in float32, in a folder of its own beside the destination, for as long as `use` takes. */
const unroundedLogits = async <T>(
  model: Model,
  changes: MergedFolder['changes'],
  destination: string,
  use: (model: Model) => Promise<T>,
): Promise<T> => {
  const workspace = mkdtempSync(join(dirname(destination), '.nora-check-'));
  try {
    const directory = join(workspace, 'float32');
    const tensors = new Map(
      [...model.folder.tensors].map(([name, location]) => [name, { ...location, dtype: 'F32' as const }]),
    );
    await writeModelFolder({
      source: { ...model.folder, tensors },
      destination: directory,
      ...changes,
      replace: (name, location) => changes.replace(name, location) ?? readWeight(model.folder, name),
    });
    return await use(readModel(openModelFolder(directory)));
  } finally {
    rmSync(workspace, { recursive: true, force: true });
  }
};

/** Modules that PEFT is told to adapt: names where they say exactly which, whole paths where they would take in more. */
const targetModulesOf = (model: Model, folded: readonly FoldedLayer<LinearLayer>[]): string[] => {
  const names = new Set(folded.map(({ layer }) => targetName(layer)));
  const adapted = new Set(folded.map(({ layer }) => layer.module));
  const exact = model.targetLayers.every(
    (layer) => names.has(targetName(layer)) === adapted.has(layer.module),
  );
  return exact ? [...names] : [...adapted];
};

const exportAdapter = async ({
  specification,
  model,
  saved,
  adapter,
  trainedWeights,
  folded,
  report,
}: Job): Promise<CheckedExport> => {
  const { destination, baseModelName, threads } = specification;
  if (folded.length === 0)
    throw new WorkbenchError(
      'unsupported',
      'full fine-tuning has no adapter to export: it changed the weights themselves; export them merged',
    );
  const rank = folded[0]?.rank ?? 1;
  // The scaling is in loraB: alpha / rank has to be 1.
  const others = Object.fromEntries(
    folded.filter((one) => one.rank !== rank).map((one) => [one.layer.module, one.rank]),
  );
  const savedWeights = withTiedCopies(
    saved.weights.map((weight) => ({ ...weight, data: saved.values.get(weight.name) as Float32Array })),
    model.targetLayers,
  );
  await writePeftLora({
    directory: destination,
    baseModel: baseModelName,
    rank,
    alpha: rank,
    rankPattern: others,
    alphaPattern: others,
    targetModules: targetModulesOf(model, folded),
    ...peftTask(model, saved),
    fanInFanOut: folded.some(({ layer }) => layer.kind === 'conv1d' && layer.role !== 'embedding'),
    tiesWeights: savedWeights.length > saved.weights.length,
    savedWeights,
    tensors: folded.map(({ layer: { module, outFeatures, inFeatures, role }, loraA, loraB, magnitude }) => ({
      module,
      outFeatures,
      inFeatures,
      isEmbedding: role === 'embedding',
      loraA,
      loraB,
      ...(magnitude ? { magnitude } : {}),
    })),
  });

  report('checking', 0, 2);
  const batch = samplePrompts(model);
  const reference = await promptLogits({ model, adapter, trainedWeights }, batch, threads);
  report('checking', 1, 2);
  const read = adapterFromPeft(readPeftLora(destination), model.targetLayers);
  const written: AdapterState = {
    description: describeAdapter(read.settings),
    layers: read.layers,
    values: await completeAdapter(model, read),
  };
  const { difference, largest } = largestDifference(
    reference,
    await promptLogits(
      { model, adapter: written, trainedWeights: read.weights.map(({ name }) => name) },
      batch,
      threads,
    ),
  );
  return {
    largestLogitDifference: difference,
    largestLogitDifferenceUnrounded: difference,
    largestLogit: largest,
    promptTokens: batch.tokens,
  };
};
