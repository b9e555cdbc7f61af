import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { invalidInput, WorkbenchError } from '../../engine/errors.ts';
import { writeFileWhole } from '../../engine/formats/atomic-file.ts';
import { readText } from '../../engine/formats/json-text.ts';
import { makeFolder } from '../../engine/formats/make-folder.ts';
import type { Store } from '../../store/store.ts';
import type { RunLedger } from '../runs/run-ledger.ts';
import { runDirectoryOf } from '../runs/run-specification.ts';
import { exportOf, modelOf } from '../shared/entity-mapping.ts';
import type { WorkbenchMethods } from '../shared/methods.ts';
import { slugOf } from '../shared/names.ts';
import { createMlflowClient, MlflowRefusal, type MlflowEnvironment } from './mlflow/mlflow-client.ts';
import { experimentNamed, sendRun, type SentRun } from './mlflow/send-run.ts';
import { eventFile } from './tensorboard/event-file.ts';
import { trackedRun, type TrackedRun } from './tracked-run.ts';
import { runsToTrack, type NamedRun } from './tracked-subject.ts';

interface TrackersContext {
  readonly store: Store;
  readonly ledger: RunLedger;
  readonly dataDirectory: string;
  readonly version: string;
  /** MLFLOW_TRACKING_URI and its like; the process's unless told otherwise. */
  readonly environment?: MlflowEnvironment;
}

/** Copies of runs where teams keep theirs, when a person asks for it: training knows of none of it. */
export const createTrackersService = (context: TrackersContext) => {
  const { store, environment = process.env } = context;

  const tracked = ({ experiment, run, name, tags }: NamedRun): TrackedRun => {
    const adapterFile = join(runDirectoryOf(context.dataDirectory, run.id), 'adapter/adapter.json');
    const model = store.models.find(experiment.modelId);
    return trackedRun({
      ...{ experiment, run, name, tags },
      metrics: store.metrics.list(run.id),
      exports: store.exports.ofRun(run.id).map((record) => exportOf(record, null)),
      adapter: existsSync(adapterFile) ? readText(adapterFile) : null,
      modelHash: model === undefined ? null : modelOf(model).contentHash,
      version: context.version,
    });
  };

  return {
    mlflow: async ({ uri, experiment: wanted, ...asked }) => {
      const { title, runs } = runsToTrack(context, asked);
      const address = uri ?? environment['MLFLOW_TRACKING_URI'];
      if (!address)
        throw invalidInput('which MLflow server? give its address with --uri, or set MLFLOW_TRACKING_URI');
      const name = wanted ?? (environment['MLFLOW_EXPERIMENT_NAME'] || title);
      const client = createMlflowClient(address, environment);
      return inWords(client.address, async () => {
        const id = await experimentNamed(client, name);
        const sent: (SentRun & { runId: string; name: string })[] = [];
        for (const one of runs)
          sent.push({
            runId: one.run.id,
            name: one.name,
            ...(await sendRun(client, id, tracked(one))),
          });
        return { address: client.address, experiment: { id, name }, runs: sent };
      });
    },
    tensorboard: ({ destination, ...asked }) => {
      const { title, runs } = runsToTrack(context, asked);
      const folder = resolve(destination);
      const written = runs.map((one) => {
        const told = tracked(one);
        const directory = join(folder, slugOf(title), slugOf(told.name));
        // The same name each time, so that a second time takes the place of the first.
        const began = String(Math.floor(told.startedAt / 1000));
        const file = join(directory, `events.out.tfevents.${began}.nora.${told.id}`);
        makeFolder(directory);
        writeFileWhole(file, eventFile(told));
        return { runId: told.id, name: told.name, file, values: told.metrics.length };
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
