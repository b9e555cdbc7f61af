import { dirname, join } from 'node:path';
import { writePeft } from '../../engine/peft/index.ts';
import { writeFileWhole } from '../../engine/formats/atomic-file.ts';
import { makeFolder } from '../../engine/formats/make-folder.ts';
import { compareLogits, logitCheck } from './export-check.ts';
import type { CheckedExport, ExportJob } from './export-job.ts';
import { templateFiles } from './export-template.ts';
import { withPeftAdapter } from './peft-model.ts';

/** A PEFT folder that loads on the base model as it is. */
export const exportAdapter = async (job: ExportJob): Promise<CheckedExport> => {
  const { specification, directory, model, saved, adapter, trainedWeights, data, logitsOf, report } = job;
  const { baseModelName } = specification;
  await writePeft(directory, {
    adapter: saved,
    model,
    baseModel: baseModelName,
    residual: 'in-adapter',
  });
  for (const { name, contents } of templateFiles(job)) {
    makeFolder(dirname(join(directory, name)));
    writeFileWhole(join(directory, name), contents);
  }

  report('checking', 0, 2);
  const reference = await logitsOf({ model, adapter, trainedWeights });
  report('checking', 1, 2);
  const written = await withPeftAdapter(model, directory);
  const difference = compareLogits(reference, await logitsOf(written));
  return {
    check: logitCheck(difference, difference, data.compared), // adapters are not rounded
    written,
    notices: [],
  };
};
