import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { invalidInput, WorkbenchError } from '../../engine/errors.ts';
import { writeFileWhole } from '../../engine/formats/atomic-file.ts';
import { readText } from '../../engine/formats/json-text.ts';
import { makeFolder } from '../../engine/formats/make-folder.ts';
import type { Store } from '../../store/store.ts';
import type { RunLedger } from '../runs/run-ledger.ts';
import { runDirectoryOf } from '../runs/run-specification.ts';
import type { Experiment, Run } from '../shared/entities.ts';
import { experimentOf, exportOf, modelOf } from '../shared/entity-mapping.ts';
import { findExperiment } from '../shared/experiment-lookup.ts';
import type { WorkbenchMethods } from '../shared/methods.ts';
import { slugOf } from '../shared/names.ts';
import { createMlflowClient, MlflowRefusal, type MlflowEnvironment } from './mlflow/mlflow-client.ts';
import { experimentNamed, sendRun, type SentRun } from './mlflow/send-run.ts';
import { eventFile } from './tensorboard/event-file.ts';
import { trackedRun, type TrackedRun } from './tracked-run.ts';
import type { TrackedSubject } from './trackers-schema.ts';

interface TrackersContext {
  readonly store: Store;
  readonly ledger: RunLedger;
  readonly dataDirectory: string;
  readonly version: string;
  /** MLFLOW_TRACKING_URI and its like; the process's unless told otherwise. */
  readonly environment?: MlflowEnvironment;
}

interface Subject {
  readonly experiment: Experiment;
  /** Those that have begun. */
  readonly runs: readonly Run[];
}

/** Copies of runs where teams keep theirs, when a person asks for it: training knows of none of it. */
export const createTrackersService = (context: TrackersContext) => {
  const { store, ledger, environment = process.env } = context;

  const experimentWith = (id: string): Experiment => {
    const record = findExperiment(store, id);
    return experimentOf(store, record, ledger.ofExperiment(record.id));
  };
  const subjectOf = (asked: TrackedSubject): Subject => {
    const run = 'runId' in asked ? ledger.show(asked.runId) : null;
    const experiment = experimentWith('runId' in asked ? run!.experimentId : asked.experimentId);
    const runs = (run === null ? experiment.runs : [run]).filter(({ startedAt }) => startedAt !== null);
    if (runs.length > 0) return { experiment, runs };
    const what = run === null ? `no run of "${experiment.name}"` : `the run "${run.configuration.name}"`;
    throw new WorkbenchError('conflict', `${what} has begun: there is nothing to tell of`);
  };
  const tracked = (experiment: Experiment, run: Run): TrackedRun => {
    const adapterFile = join(runDirectoryOf(context.dataDirectory, run.id), 'adapter/adapter.json');
    const model = store.models.find(experiment.modelId);
    return trackedRun({
      experiment,
      run,
      metrics: store.metrics.list(run.id),
      exports: store.exports.ofRun(run.id).map((record) => exportOf(record, null)),
      adapter: existsSync(adapterFile) ? readText(adapterFile) : null,
      modelHash: model === undefined ? null : modelOf(model).contentHash,
      version: context.version,
    });
  };

  return {
    mlflow: async ({ uri, experiment: wanted, ...asked }) => {
      const { experiment, runs } = subjectOf(asked);
      const address = uri ?? environment['MLFLOW_TRACKING_URI'];
      if (!address)
        throw invalidInput('which MLflow server? give its address with --uri, or set MLFLOW_TRACKING_URI');
      const name = wanted ?? (environment['MLFLOW_EXPERIMENT_NAME'] || experiment.name);
      const client = createMlflowClient(address, environment);
      return inWords(client.address, async () => {
        const id = await experimentNamed(client, name);
        const sent: (SentRun & { runId: string; name: string })[] = [];
        for (const run of runs)
          sent.push({
            runId: run.id,
            name: run.configuration.name,
            ...(await sendRun(client, id, tracked(experiment, run))),
          });
        return { address: client.address, experiment: { id, name }, runs: sent };
      });
    },
    tensorboard: ({ destination, ...asked }) => {
      const { experiment, runs } = subjectOf(asked);
      const folder = resolve(destination);
      const written = runs.map((run) => {
        const told = tracked(experiment, run);
        const directory = join(folder, slugOf(experiment.name), slugOf(told.name));
        // The same name each time, so that a second time takes the place of the first.
        const began = String(Math.floor(told.startedAt / 1000));
        const file = join(directory, `events.out.tfevents.${began}.nora.${run.id}`);
        makeFolder(directory);
        writeFileWhole(file, eventFile(told));
        return { runId: run.id, name: told.name, file, values: told.metrics.length };
      });
      return { destination: folder, runs: written };
    },
  } satisfies WorkbenchMethods['trackers'];
};

/** What the server refuses, as an error for people. */
const inWords = async <T>(address: string, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof MlflowRefusal)) throw error;
    const message = error.message.replaceAll(/\s+/g, ' ').trim();
    throw new WorkbenchError('conflict', `${address}: MLflow refuses (${error.errorCode}): ${message}`);
  }
};
