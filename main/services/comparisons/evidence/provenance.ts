import { existsSync, readdirSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { basename, join } from 'node:path';
import { sha256OfFile } from '../../../engine/formats/file-hash.ts';
import type { ModelFile } from '../../../engine/formats/model-file-schema.ts';
import type { Store } from '../../../store/store.ts';
import { findDataset } from '../../library/datasets.ts';
import { findModel } from '../../library/models.ts';
import type { ComparisonState } from '../orchestration/comparison-state.ts';
import { finalRuns } from '../orchestration/final-runs.ts';
import { hashedFiles } from '../task-hash.ts';
import type { ReportData } from '../report/report-data.ts';
import { atShots } from '../report/shot-rows.ts';

type Fact = ReportData['provenance']['facts'][number];
type File = ReportData['provenance']['files'][number];

/** Of the program that writes the report, and the machine it is written on. */
export const factsOf = async (
  version: string,
  { definition, status, startedAt, endedAt }: ComparisonState,
): Promise<Fact[]> => {
  const { onnxRuntimeEnvironment } = await import('../../../engine/runtime/session.ts');
  const { device, threads, baseFormat } = definition.training;
  const [processor] = cpus();
  return [
    { label: 'Status', value: status },
    { label: 'Started', value: startedAt ?? 'not started' },
    { label: 'Ended', value: endedAt ?? 'not ended' },
    { label: 'Device', value: device },
    { label: 'Base held in', value: baseFormat },
    { label: 'Threads', value: threads === null ? 'one per physical core' : String(threads) },
    { label: 'NoRA Workbench (of this report)', value: version },
    { label: 'Node.js (of this report)', value: process.versions.node },
    {
      label: 'ONNX Runtime (of this report)',
      value: onnxRuntimeEnvironment.versions.node ?? onnxRuntimeEnvironment.versions.common,
    },
    {
      label: 'Machine (of this report)',
      value: `${process.platform} ${release()} ${process.arch}, ${processor?.model ?? 'unknown processor'}, ${(totalmem() / 2 ** 30).toFixed(1)} GiB`,
    },
  ];
};

/** The model as the runs found it, the data and tasks as they were taken in, the adapters as they lie there now. */
export const filesOf = async (store: Store, state: ComparisonState): Promise<File[]> => {
  const dataset = findDataset(store, state.datasetId);
  const runs = finalRuns(state).map((run) => ({
    name: `${run.arm}${atShots(run.shots)}, seed ${run.seed}`,
    run: store.runs.find(run.runId)!,
  }));
  const identity: readonly ModelFile[] =
    runs.find(({ run }) => run.modelIdentity !== null)?.run.modelIdentity ??
    findModel(store, state.modelId).identity ??
    [];
  const data = [
    { name: basename(dataset.trainFile), role: 'training data', sha256: dataset.trainSha256 },
    ...(dataset.validationFile === null || dataset.validationSha256 === null
      ? []
      : [
          { name: basename(dataset.validationFile), role: 'held-out data', sha256: dataset.validationSha256 },
        ]),
  ];
  const tasks = state.tasks.flatMap(({ name, sha256 }) => {
    const task = state.definition.tasks.find((one) => one.name === name);
    if (sha256 === null || task === undefined) return [];
    return hashedFiles(task, sha256).map(({ file, sha256: ofFile }, index) => ({
      name: basename(file),
      role: index === 0 ? `task ${name}` : `examples of task ${name}`,
      sha256: ofFile,
    }));
  });
  const adapters: File[] = [];
  for (const { name: whose, run } of runs) {
    const directory = store.adapters.ofRun(run.id)?.directory;
    if (directory === undefined || !existsSync(directory)) continue;
    for (const name of readdirSync(directory).toSorted())
      if (name.endsWith('.safetensors'))
        adapters.push({
          name,
          role: `adapter of ${whose}`,
          sha256: await sha256OfFile(join(directory, name)),
        });
  }
  return [
    ...identity.map(({ name, kind, sha256 }) => ({ name, role: `model, ${kind}`, sha256 })),
    ...data,
    ...tasks,
    ...adapters,
  ];
};
