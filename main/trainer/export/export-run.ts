import { basename } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { readAdapter } from '../../engine/adapters/folder/adapter-folder.ts';
import { describeAdapter } from '../../engine/adapters/settings/adapter-settings.ts';
import { foldLayer } from '../../engine/adapters/layer/fold.ts';
import { mergedFolder } from '../../engine/adapters/folder/merged-folder.ts';
import { WorkbenchError } from '../../engine/errors.ts';
import { makeDirectoryWhole } from '../../engine/formats/atomic-file.ts';
import { isModelFile } from '../../engine/formats/diffusion/checkpoint-name.ts';
import { asCheckpoint } from '../../engine/formats/diffusion/checkpoint-layout.ts';
import type { ModelFolder } from '../../engine/formats/model-folder.ts';
import { writeModelFolder } from '../../engine/formats/model-folder-writer.ts';
import { openModel, type Model } from '../../engine/models/model.ts';
import type { UntiedWeight } from '../../engine/models/weights/untied-weights.ts';
import type { AdapterState, TrainedModel } from '../../engine/train/model/trained-model.ts';
import { assertBelongs } from './adapter-belongs.ts';
import { certifiedData } from './certified-data.ts';
import { exportAdapter } from './export-adapter.ts';
import { compareLogits, logitCheck, logitsOf } from './export-check.ts';
import type { CheckedExport, ExportJob } from './export-job.ts';
import { exportRefusal } from '../protocol/export-kinds.ts';
import { templateFiles, templateNotices } from './export-template.ts';
import { exportClipLora } from './export-clip-lora.ts';
import { exportDiffusionLora } from './export-diffusion-lora.ts';
import { writtenPlace } from './written-place.ts';
import { exportWithBase } from './export-with-base.ts';
import type { JobContext } from '../protocol/job.ts';
import { finishedExport } from './finished-export.ts';
import { certify } from './merge-certificate.ts';
import { assertModelStayed } from './model-in-use.ts';
import { openTrained } from './open-trained.ts';
import type { ExportKind, ExportSpecification } from '../protocol/protocol.ts';
import { isFloat32, withUnrounded } from './unrounded-model.ts';

/** Writes what is asked for, loads what was written, compares it with base + adapter and certifies how close it is. */
export const exportRun = async (
  specification: ExportSpecification,
  { emit, shouldStop }: JobContext,
): Promise<void> => {
  const report: ExportJob['report'] = (phase, done, total) => emit({ type: 'progress', phase, done, total });
  report('loading', 0, 1);
  const saved = readAdapter(specification.adapterDirectory);
  const model = openTrained(specification.modelDirectory, saved);
  assertBelongs(model, saved, specification);
  const { objective } = model.architecture;
  const refusal = exportRefusal(specification.kind, { settings: saved.settings, objective });
  if (refusal !== null) throw new WorkbenchError('unsupported', refusal);
  const description = describeAdapter(saved.settings);
  const folded = saved.layers.map((layer, index) => {
    report('merging', index, saved.layers.length);
    return foldLayer(description, layer, saved.values);
  });
  const adapter: AdapterState = { description, layers: saved.layers, values: saved.values };
  const trainedWeights = saved.weights.map(({ name }) => name);
  const data = await certifiedData(specification, model);
  const logits = (trained: TrainedModel): Promise<Float32Array> =>
    logitsOf({ ...trained, model: data.asMeasured(trained.model) }, data.compared, specification.threads);
  const summary = await makeDirectoryWhole(specification.destination, async (directory, workspace) => {
    const job = {
      specification,
      directory,
      workspace,
      model,
      saved,
      adapter,
      trainedWeights,
      folded,
      data,
      logitsOf: logits,
      report,
    };
    const checked = await exporters[specification.kind](job);
    const notices = [...checked.notices, ...templateNotices(job)];
    await certify(job, { ...checked, notices });
    await assertModelStayed(specification);
    await assertWanted(shouldStop);
    return finishedExport(directory);
  });
  emit({ type: 'exported', summary: { ...summary!, destination: specification.destination } });
};

/** Whoever goes on with the library when the workbench is gone takes what is not there as not made; so it isn't made. */
const assertWanted = async (shouldStop: JobContext['shouldStop']): Promise<void> => {
  await setImmediate();
  if (shouldStop() !== null)
    throw new WorkbenchError('conflict', 'the workbench ended before the export was in its place');
};

/** In the layout of the base, or as one file in the original names. */
const layoutOf = ({ specification, model }: ExportJob): ModelFolder =>
  specification.kind === 'checkpoint' && !isModelFile(model.folder.directory)
    ? asCheckpoint(model.folder, `${basename(specification.destination)}.safetensors`)
    : model.folder;

const exportMerged = async (job: ExportJob): Promise<CheckedExport> => {
  const source = layoutOf(job);
  const {
    directory,
    workspace,
    model,
    saved,
    adapter,
    trainedWeights,
    folded,
    data,
    logitsOf: logits,
    report,
  } = job;
  const { changes, untied } = mergedFolder(model, folded, { whole: trainedWeights, values: adapter.values });
  await writeModelFolder({
    source,
    destination: directory,
    ...changes,
    extraFiles: [...changes.extraFiles, ...templateFiles({ model, saved })],
    onProgress: ({ tensors, of }) => report('merging', tensors, of),
  });

  report('checking', 0, 3);
  const reference = await logits({ model, adapter, trainedWeights });
  report('checking', 1, 3);
  const written = onlyModel(openModel(writtenPlace(source, directory)));
  const rounded = compareLogits(reference, await logits(written));
  report('checking', 2, 3);
  const unrounded = isFloat32(model)
    ? rounded
    : compareLogits(
        reference,
        await withUnrounded(model, changes, workspace, (whole) => logits(onlyModel(whole))),
      );
  return {
    check: logitCheck(rounded, unrounded, data.compared),
    written,
    notices: [...untied.map(untiedNotice), ...(model.contradictsTie ? [ownHeadNotice] : [])],
  };
};

const onlyModel = (model: Model): TrainedModel => ({ model, adapter: null, trainedWeights: [] });

const untiedNotice = ({ layer: { module }, name, like }: UntiedWeight): string =>
  `${module} had the weight ${like} in the base model and differs from it now: it is written as ${name}, with tie_word_embeddings false in config.json`;

const ownHeadNotice =
  'config.json tied the head to the embeddings though the files hold one of its own: the export keeps both and says tie_word_embeddings false';

const exporters: Readonly<Record<ExportKind, (job: ExportJob) => Promise<CheckedExport>>> = {
  merged: exportMerged,
  adapter: exportAdapter,
  'adapter-with-base': exportWithBase,
  'clip-lora': exportClipLora,
  kohya: exportDiffusionLora,
  diffusers: exportDiffusionLora,
  checkpoint: exportMerged,
};
