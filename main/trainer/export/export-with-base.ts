import { join } from 'node:path';
import { foldResidual } from '../../engine/adapters/layer/fold.ts';
import { mergedFolder } from '../../engine/adapters/folder/merged-folder.ts';
import { writePeft } from '../../engine/peft/index.ts';
import { writeModelFolder } from '../../engine/formats/model-folder-writer.ts';
import { openModel, type Model } from '../../engine/models/model.ts';
import type { TrainedModel } from '../../engine/train/model/trained-model.ts';
import { compareLogits, logitCheck, type LogitDifference } from './export-check.ts';
import type { CheckedExport, ExportJob } from './export-job.ts';
import { templateFiles } from './export-template.ts';
import { withPeftAdapter } from './peft-model.ts';
import { isFloat32, withUnrounded } from './unrounded-model.ts';

const baseFolder = 'base';
const adapterFolder = 'adapter';

/** base/: the model without what the adapter starts as, in the model's own dtype and layout. adapter/: a LoRA of its own rank on it. */
export const exportWithBase = async (job: ExportJob): Promise<CheckedExport> => {
  const {
    specification,
    directory,
    workspace,
    model,
    saved,
    adapter,
    trainedWeights,
    data,
    logitsOf,
    report,
  } = job;
  const { destination } = specification;
  const given = saved.layers.flatMap((layer) => foldResidual(adapter.description, layer, saved.values) ?? []);
  const { changes } = mergedFolder(model, given, { whole: [], values: saved.values });
  await writeModelFolder({
    source: model.folder,
    destination: join(directory, baseFolder),
    ...changes,
    extraFiles: [...changes.extraFiles, ...templateFiles(job)],
    onProgress: ({ tensors, of }) => report('merging', tensors, of),
  });
  await writePeft(join(directory, adapterFolder), {
    adapter: saved,
    model,
    baseModel: join(destination, baseFolder),
    residual: 'in-base',
  });

  report('checking', 0, 3);
  const reference = await logitsOf({ model, adapter, trainedWeights });
  const onBase = (base: Model): Promise<TrainedModel> =>
    withPeftAdapter(base, join(directory, adapterFolder));
  const compared = async (trained: TrainedModel): Promise<LogitDifference> =>
    compareLogits(reference, await logitsOf(trained));
  report('checking', 1, 3);
  const written = await onBase(openModel(join(directory, baseFolder)));
  const rounded = await compared(written);
  report('checking', 2, 3);
  const unrounded = isFloat32(model)
    ? rounded
    : await withUnrounded(model, changes, workspace, async (base) => compared(await onBase(base)));
  return {
    check: logitCheck(rounded, unrounded, data.compared),
    written,
    notices: [],
  };
};
