import { resolve } from 'node:path';
import { openQueueLock } from '../store/queue-lock.ts';
import { openStore } from '../store/store.ts';
import { createAdaptersService } from './adapters/adapters.ts';
import { createDevices } from './devices/devices.ts';
import { createDatasetsService } from './library/datasets.ts';
import { clearDecompositionCache, showDecompositionCache } from './runs/decomposition-cache.ts';
import { examine } from './doctor.ts';
import { createEventBus } from './shared/event-bus.ts';
import { createExperimentsService } from './experiments/experiments.ts';
import { createExportsService } from './adapters/exports.ts';
import { availableMemory } from './memory/available-memory.ts';
import { createMemoryChecks } from './memory/memory-checks.ts';
import { estimateInTrainer } from './shared/memory-job.ts';
import { createModelsService, refreshTargets } from './library/models.ts';
import { createOwnership } from './shared/ownership.ts';
import { recoverAfterDeath } from './runs/recovery.ts';
import { createRunLedger } from './runs/run-ledger.ts';
import { createRunQueue } from './runs/run-queue.ts';
import { startRunSession } from './runs/run-session.ts';
import { isAtRest } from './runs/run-status.ts';
import { createRunsService } from './runs/runs.ts';
import { registerSample } from './library/sample.ts';
import type { Workbench, WorkbenchOptions } from './shared/workbench-types.ts';

const defaultGraceMilliseconds = 30_000;

/**
 * Opens a data directory and everything that works on it.
 * @throws WorkbenchError `newer-version`, `invalid-input` or `no-space` where the data directory can't be used
 */
export const createWorkbench = (options: WorkbenchOptions): Workbench => {
  const { spawnTrainer, sampleDirectory, version, onEvent, concurrency = 1 } = options;
  const dataDirectory = resolve(options.dataDirectory);
  const store = openStore(dataDirectory);
  const lock = openQueueLock(dataDirectory);
  const ownership = createOwnership(lock, dataDirectory, () => recoverAfterDeath(store, dataDirectory));
  const sampleProblem = sampleDirectory === null ? undefined : registerSample(store, sampleDirectory);
  refreshTargets(store);

  const { emit, waitFor } = createEventBus(onEvent);
  const ledger = createRunLedger(store, emit);
  const devices = createDevices(spawnTrainer);
  const memory = createMemoryChecks({
    estimate: options.estimateMemory ?? estimateInTrainer(spawnTrainer),
    available: options.availableMemory ?? availableMemory,
  });
  const shared = { store, ledger, ownership, emit, spawnTrainer, dataDirectory, devices, memory };
  const queue = createRunQueue(store, ledger, concurrency, (id) => startRunSession(shared, id));
  const exports = createExportsService(shared);
  let closed: Promise<void> | undefined;

  const close = async (graceMilliseconds: number): Promise<void> => {
    await Promise.all([queue.close(graceMilliseconds), exports.close(graceMilliseconds)]);
    lock.close();
    store.close();
  };

  return {
    dataDirectory,
    app: {
      doctor: () => examine({ version, dataDirectory, store, ownership, sampleProblem, devices }),
      showCache: () => showDecompositionCache(dataDirectory),
      clearCache: () => clearDecompositionCache(dataDirectory),
    },
    devices: { list: () => devices.list(), probe: () => devices.probe() },
    models: createModelsService(store, emit),
    datasets: createDatasetsService(store, emit),
    experiments: createExperimentsService({ ...shared, queue }),
    runs: createRunsService(store, ledger, queue, ownership),
    adapters: createAdaptersService(shared),
    exports,
    waitForRun: async (id) => {
      const run = ledger.show(id);
      if (isAtRest(run.status)) return run;
      ownership.require();
      return waitFor((event) =>
        event.name === 'run.changed' && event.payload.id === id && isAtRest(event.payload.status)
          ? event.payload
          : undefined,
      );
    },
    waitForExport: async (id) => {
      const shown = exports.show({ id });
      if (shown.status !== 'running') return shown;
      ownership.require();
      return waitFor((event) =>
        event.name === 'export.changed' && event.payload.id === id && event.payload.status !== 'running'
          ? event.payload
          : undefined,
      );
    },
    close: ({ graceMilliseconds = defaultGraceMilliseconds } = {}) => (closed ??= close(graceMilliseconds)),
  };
};
