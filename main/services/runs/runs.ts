import { WorkbenchError } from '../../engine/errors.ts';
import type { Store } from '../../store/store.ts';
import type { Run, RunStatus } from '../shared/entities.ts';
import { now } from '../shared/identifiers.ts';
import type { Ownership } from '../shared/ownership.ts';
import { experimentOf } from '../shared/entity-mapping.ts';
import { findExperiment } from '../shared/experiment-lookup.ts';
import type { DeviceName } from '../../engine/runtime/device-names.ts';
import { lastCheckpoint } from './run-checkpoints.ts';
import { chooseDevice, type KnownDevices } from './run-device.ts';
import type { ReadFiles } from '../reading/reader.ts';
import { extendRun } from './extend-run.ts';
import { startOver } from './start-over.ts';
import { readRunLog } from './run-log.ts';
import type { RunLedger } from './run-ledger.ts';
import { isAtRest } from './run-status.ts';
import { unqueuedStatus } from './run-queue.ts';
import type { RunQueue } from './run-queue.ts';
import { createRunTable } from './list-runs.ts';
import { readRunPicture, readRunPictures } from './run-pictures.ts';
import { readRunSamples } from './run-samples.ts';
import { createRunWords } from './run-words.ts';
import { createSparklines } from './sparklines.ts';
import type { EmitEvent } from '../shared/workbench-events.ts';
import type { WorkbenchMethods } from '../shared/methods.ts';

interface RunsContext {
  readonly dataDirectory: string;
  readonly devices: KnownDevices;
  readonly readFiles: ReadFiles;
  readonly emit: EmitEvent;
}

export const createRunsService = (
  store: Store,
  ledger: RunLedger,
  queue: RunQueue,
  ownership: Ownership,
  { dataDirectory, devices, readFiles, emit }: RunsContext,
) => {
  const enqueue = (id: string, wanted: DeviceName | undefined): Run => {
    const run = ledger.show(id);
    const { status, configuration } = run;
    if (!isAtRest(status))
      throw new WorkbenchError(
        'conflict',
        `the run "${configuration.name}" is ${status}: it can't be started`,
      );
    const since = lastCheckpoint(store, id)?.step ?? 0;
    const device = chooseDevice(store, devices, run, { wanted, since });
    ledger.change(id, { status: 'queued', device });
    queue.advance();
    return ledger.show(id);
  };
  const stop = (id: string, how: 'pause' | 'cancel'): Run => {
    const run = ledger.change(id, { status: how === 'pause' ? 'pausing' : 'cancelling' });
    queue.stop(id, how);
    return run;
  };
  const resumable: readonly RunStatus[] = ['paused', 'interrupted'];

  return {
    ...createRunTable(store),
    sparklines: createSparklines(store),
    ...createRunWords(store, ledger, emit),
    show: ({ id }) => ledger.show(id),
    start: ({ id, device }) => {
      ownership.require();
      return enqueue(id, device);
    },
    resume: ({ id, device }) => {
      ownership.require();
      const { status, configuration } = ledger.show(id);
      if (!resumable.includes(status))
        throw new WorkbenchError(
          'conflict',
          `the run "${configuration.name}" is ${status}: only a paused or interrupted run can be resumed`,
        );
      return enqueue(id, device);
    },
    startOver: async ({ id, device }) => {
      ownership.require();
      await startOver({ store, ledger, devices, dataDirectory }, id, device);
      queue.advance();
      return ledger.show(id);
    },
    pause: ({ id }) => {
      ownership.require();
      const { status } = ledger.show(id);
      if (status === 'queued') return ledger.change(id, { status: unqueuedStatus(store, id) });
      if (status !== 'pausing') return stop(id, 'pause');
      queue.letGo(id); // where the queue has it pause, so that it doesn't wait again
      return ledger.show(id);
    },
    cancel: ({ id }) => {
      ownership.require();
      const { status } = ledger.show(id);
      if (status === 'queued' || status === 'paused')
        return ledger.change(id, { status: 'cancelled', endedAt: now() });
      if (status !== 'cancelling') return stop(id, 'cancel');
      queue.kill(id); // asked a second time: at once
      return ledger.show(id);
    },
    log: ({ id }) => {
      ledger.show(id);
      return { text: readRunLog(dataDirectory, id) };
    },
    extend: async (asked) => {
      const experimentId = await extendRun({ store, ledger, readFiles, dataDirectory }, asked);
      ledger.announceExperiments([experimentId]);
      return experimentOf(store, findExperiment(store, experimentId), ledger.ofExperiment(experimentId));
    },
    samples: readRunSamples(store, ledger),
    pictures: readRunPictures(store, ledger),
    picture: readRunPicture(store, ledger, dataDirectory),
    metrics: ({ id, name }) => {
      ledger.show(id);
      return store.metrics.list(id, name);
    },
  } satisfies WorkbenchMethods['runs'];
};
