import { join, resolve } from 'node:path';
import { metricRegistry } from '../engine/metrics/registry.ts';
import { openWorkLock } from '../store/work-lock.ts';
import { openQueueLock } from '../store/queue-lock.ts';
import { openStore } from '../store/store.ts';
import { activeJobs } from './active-jobs.ts';
import { createAdaptersService } from './adapters/adapters.ts';
import { createComparisonsService } from './comparisons/comparisons.ts';
import { comparisonWith } from './comparisons/comparison-entity.ts';
import { matchInTrainer, type MatchArms } from './comparisons/design/match-arms.ts';
import { overlapInTrainer, type FindOverlap } from './comparisons/design/find-overlap.ts';
import { createComparisonDriver } from './comparisons/orchestration/driver.ts';
import { isActiveStatus } from './comparisons/orchestration/comparison-state.ts';
import { sideBySide } from './comparisons/orchestration/side-by-side.ts';
import { createDevices } from './devices/devices.ts';
import { createDatasetPictures } from './library/dataset-pictures.ts';
import { createDatasetSurveys } from './library/dataset-surveys.ts';
import { createDatasetsService } from './library/datasets.ts';
import { createDiagnosticsService } from './diagnostics/diagnostics.ts';
import { examine } from './doctor.ts';
import { confinePaths } from './folders/confine-paths.ts';
import { createFoldersService, shownPlaces, type FoldersOptions } from './folders/folders.ts';
import { createEventBus } from './shared/event-bus.ts';
import { createExperimentsService } from './experiments/experiments.ts';
import { createTemplatesService } from './experiments/templates.ts';
import { createExportsService } from './adapters/exports.ts';
import { createBlindService } from './blind/blind.ts';
import { createClassifyingService } from './classifying/classifying.ts';
import { createDrawingService } from './drawing/drawing.ts';
import { createFidelityService } from './fidelity/fidelity.ts';
import { createGenerationService } from './generation/generation.ts';
import { availableMemory } from './memory/available-memory.ts';
import { createMemoryChecks } from './memory/memory-checks.ts';
import { estimateInTrainer } from './shared/memory-job.ts';
import { createModelMemory } from './library/model-memory.ts';
import { createWeightSpectra } from './library/weight-spectra/weight-spectra.ts';
import { createModelsService, refreshDescriptions } from './library/models.ts';
import { createOwnership } from './shared/ownership.ts';
import { createUnderWay } from './shared/under-way.ts';
import { createMetricSeries } from './runs/metric-series.ts';
import { recoverAfterDeath, restComparisons } from './runs/recovery.ts';
import { cacheDirectoryOf } from './shared/cache-directory.ts';
import { keepingIn } from './reading/keeping-in.ts';
import { createReader, type ReadFiles } from './reading/reader.ts';
import { createReadings } from './reading/readings.ts';
import { createRemovals } from './removals/removals.ts';
import { createRunViews } from './runs/run-views.ts';
import { createQueueService } from './runs/queue-service.ts';
import { createRunLedger } from './runs/run-ledger.ts';
import { createRunQueue } from './runs/run-queue.ts';
import { supportReport } from './support-report.ts';
import { logEvents } from './log/log-events.ts';
import { createLog } from './log/log-file.ts';
import { createBackupsService } from './backups/backups.ts';
import { createIntegrityService } from './integrity/integrity.ts';
import { createMachineService } from './machine/machine.ts';
import { createStorageService } from './storage/storage.ts';
import { sweepAlone } from './storage/sweep.ts';
import type { InMemory } from './sessions/question-line.ts';
import { createTrackersService } from './trackers/trackers.ts';
import { startRunProcess } from './runs/run-process.ts';
import { runSpecification } from './runs/run-specification.ts';
import { isAtRest } from './runs/run-status.ts';
import { stopText } from './runs/stop-text.ts';
import { createRunsService } from './runs/runs.ts';
import { registerSample } from './library/sample.ts';
import type { SpawnTrainer } from '../trainer/process/trainer-process.ts';
import type { EstimateMemory } from './shared/memory-job.ts';
import { isAdmitted, isViewing, noQueueLock, refuseChange, viewingText } from './shared/viewing.ts';
import type { MethodName, WorkbenchMethods } from './shared/methods.ts';
import type { Comparison } from './comparisons/comparison-schema.ts';
import type { Doctor, Run, Export } from './shared/entities.ts';

/** What a workbench is made from. Paths may be relative; they are resolved once. */
export interface WorkbenchOptions {
  /** Made when absent. Holds workbench.sqlite, runs/ and exports/. */
  readonly dataDirectory: string;
  readonly spawnTrainer: SpawnTrainer;
  /** Holds model/ and data/: registered as the built-in model and dataset. Null leaves them out. */
  readonly sampleDirectory: string | null;
  /** The program's own version, for the doctor. */
  readonly version: string;
  /** Told what listeners to its events throw. Warns on stderr unless told otherwise. */
  readonly reportDefect?: (error: unknown) => void;
  /** Runs at the same time; 1 unless told otherwise. */
  readonly concurrency?: number;
  /** Works out what runs would take; a trainer process does unless told otherwise. */
  readonly estimateMemory?: EstimateMemory;
  /** Bytes that a run may take now; the system is asked unless told otherwise. */
  readonly availableMemory?: () => number;
  /** How long a model that was asked stays in memory; ten minutes unless told otherwise. */
  readonly generationIdleMilliseconds?: number;
  /** How long a removal can be taken back; a minute unless told otherwise. */
  readonly undoMilliseconds?: number;
  /** Counts and matches what arms cost; a trainer process does unless told otherwise. */
  readonly matchArms?: MatchArms;
  /** Reads files that a person gave; a process of its own does unless told otherwise. */
  readonly readFiles?: ReadFiles;
  /** Finds held-out rows among those that are trained on; a trainer process does unless told otherwise. */
  readonly findOverlap?: FindOverlap;
  /** Folders that can be looked into from a browser, beside the person's home and the data directory. */
  readonly folders?: readonly string[];
  /** Whether that home is not to be looked into either. */
  readonly hidesHome?: boolean;
  /** Where trackers find addresses and credentials; the process's own unless told otherwise. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** For what is no run; each run has the time that its steps take. */
const defaultGraceMilliseconds = 30_000;
/** An answer that is cut off can be asked for again: closing need not wait for it. */
const generationGraceMilliseconds = 2000;
/** Long enough to see what went, and to reach the way back without haste. */
const defaultUndoMilliseconds = 60_000;
const defaultIdleMilliseconds = 10 * 60_000;

/**
 * Opens a data directory and everything that works on it.
 * @throws WorkbenchError `newer-version`, `invalid-input` or `no-space` where the data directory can't be used
 */
export const createWorkbench = (options: WorkbenchOptions) => {
  const { spawnTrainer, sampleDirectory, version, concurrency = 1 } = options;
  const dataDirectory = resolve(options.dataDirectory);
  const store = openStore(dataDirectory);
  const log = createLog(join(dataDirectory, 'logs'), { readOnly: store.readOnly });
  const reportDefect = (error: unknown): void => {
    log.defect(error);
    (options.reportDefect ?? warn)(error);
  };
  const { viewedFor } = store;
  const lock = viewedFor === null ? openQueueLock(dataDirectory) : noQueueLock(dataDirectory, viewedFor);
  // Nothing is written to it, so a full disk is no reason to do without.
  const underWay = createUnderWay(viewedFor === 'read-only' ? undefined : () => openWorkLock(dataDirectory));
  const closing = new AbortController();
  let sweeping: Promise<unknown> = Promise.resolve();
  const ownership = createOwnership(lock, dataDirectory, () => {
    recoverAfterDeath(store, dataDirectory);
    sweeping = sweepAlone({ store, dataDirectory, underWay }, closing.signal).catch(reportDefect);
  });
  const leavesSample = sampleDirectory === null || store.readOnly;
  const sampleProblem = leavesSample ? undefined : registerSample(store, sampleDirectory);

  const { emit, subscribe, waitFor } = createEventBus(reportDefect);
  subscribe(logEvents(log));
  const ledger = createRunLedger(store, emit);
  const devices = createDevices(spawnTrainer);
  const available = options.availableMemory ?? availableMemory;
  const reader = createReader(spawnTrainer);
  const readFiles = keepingIn(cacheDirectoryOf(dataDirectory), options.readFiles ?? reader.read);
  const ofSessions = {
    store,
    emit,
    subscribe,
    spawnTrainer,
    readFiles,
    dataDirectory,
    available,
    idleMilliseconds: options.generationIdleMilliseconds ?? defaultIdleMilliseconds,
  };
  /** Models that wait in memory for the next question: each gives way to the others, and all to a run. */
  const inMemory = (): readonly InMemory[] => [generation, classifying.line, drawing.line];
  const makeRoomBeside = async (mine: InMemory): Promise<boolean> => {
    const others = inMemory().filter((one) => one !== mine);
    return (await Promise.all(others.map((one) => one.makeRoomIfIdle()))).includes(true);
  };
  const generation = createGenerationService({
    ...ofSessions,
    makeRoom: () => makeRoomBeside(generation),
  });
  const classifying = createClassifyingService({
    ...ofSessions,
    makeRoom: () => makeRoomBeside(classifying.line),
  });
  const drawing = createDrawingService({ ...ofSessions, makeRoom: () => makeRoomBeside(drawing.line) });
  const memory = createMemoryChecks({
    estimate: options.estimateMemory ?? estimateInTrainer(spawnTrainer),
    available,
    makeRoom: async () => {
      const left = await Promise.all(inMemory().map((one) => one.makeRoom()));
      return left.includes(true);
    },
  });
  const readings = createReadings(emit);
  const refreshing = store.readOnly
    ? Promise.resolve()
    : refreshDescriptions({ store, readFiles, emit }, closing.signal).catch(reportDefect);
  const shared = {
    store,
    ledger,
    ownership,
    underWay,
    emit,
    spawnTrainer,
    readFiles,
    readings,
    dataDirectory,
    devices,
    memory,
    version,
  };
  const queue = createRunQueue({
    ...shared,
    concurrency,
    startProcess: (id, company, isHeld) => startRunProcess(shared, id, company, isHeld),
    companyOf: (id, waiting) => sideBySide(store, id, waiting),
    specificationOf: (id) => runSpecification(store, dataDirectory, ledger.show(id), null),
  });
  const queueService = createQueueService({ ...shared, queue, subscribe, reportDefect });
  const runs = createRunsService(store, ledger, queue, ownership, shared);
  const exports = createExportsService(shared);
  const spectra = createWeightSpectra(shared);
  const { undoMilliseconds = defaultUndoMilliseconds } = options;
  const removals = createRemovals({ ...shared, undoMilliseconds, reportDefect });
  const driver = createComparisonDriver({
    ...shared,
    queue,
    subscribe,
    announce: (id) => emit({ name: 'comparison.changed', payload: comparisonWith(store, version, id) }),
  });
  const { matchArms = matchInTrainer(spawnTrainer), findOverlap = overlapInTrainer(spawnTrainer) } = options;
  const surveys = createDatasetSurveys(shared);
  let closed: Promise<void> | undefined;

  const close = async (limit: number | undefined): Promise<void> => {
    closing.abort();
    const graceMilliseconds = limit ?? defaultGraceMilliseconds;
    driver.close();
    surveys.close();
    queueService.close();
    if (ownership.held && store.isInPlace()) restComparisons(store);
    await Promise.all([
      sweeping,
      refreshing,
      integrity.close(),
      backups.close(),
      queue.close(limit),
      removals.close(),
      exports.close(graceMilliseconds),
      spectra.close(),
      generation.close(Math.min(graceMilliseconds, generationGraceMilliseconds)),
      classifying.line.close(Math.min(graceMilliseconds, generationGraceMilliseconds)),
      drawing.line.close(Math.min(graceMilliseconds, generationGraceMilliseconds)),
    ]);
    reader.close();
    underWay.close();
    lock.close();
    store.close();
  };

  const storage = createStorageService({
    ...shared,
    isAnswering: () =>
      generation.show().session !== null || classifying.line.isOpen() || drawing.line.isOpen(),
  });
  const integrity = createIntegrityService(shared);
  const backups = createBackupsService(shared);
  const doctor = (): Promise<Doctor> =>
    examine({ version, dataDirectory, store, ownership, sampleProblem, devices });

  const shown: FoldersOptions = {
    dataDirectory,
    ...(options.folders && { folders: options.folders }),
    ...(options.hidesHome && { home: null }),
  };

  const methods = {
    app: {
      doctor,
      report: async () => ({
        text: supportReport({ doctor: await doctor(), storage: await storage.show(), store }),
      }),
      log: log.read,
    },
    folders: createFoldersService(shown),
    storage,
    integrity: integrity.methods,
    backups: backups.methods,
    machine: createMachineService({ dataDirectory, devices, store }),
    devices: { list: () => devices.list(), probe: () => devices.probe() },
    readings: readings.methods,
    models: {
      ...createModelsService(shared),
      ...spectra.methods,
      memory: createModelMemory({ ...shared, available }),
    },
    datasets: { ...createDatasetsService(shared), ...surveys.methods, ...createDatasetPictures(shared) },
    experiments: createExperimentsService({ ...shared, queue, sampleDirectory }),
    templates: createTemplatesService(store, dataDirectory),
    comparisons: createComparisonsService({
      ...shared,
      queue,
      runs,
      driver,
      matchArms,
      findOverlap,
      version,
    }),
    runs,
    metrics: {
      list: () => metricRegistry,
      series: createMetricSeries(store.metrics, (id) => ledger.show(id)),
    },
    views: createRunViews(store, emit),
    removals: removals.methods,
    queue: queueService.methods,
    adapters: createAdaptersService(shared),
    diagnostics: createDiagnosticsService(shared),
    trackers: createTrackersService({
      ...shared,
      ...(options.environment && { environment: options.environment }),
    }),
    exports,
    generation,
    classifying: classifying.methods,
    drawing: drawing.methods,
    fidelity: createFidelityService(shared),
    blind: createBlindService(shared),
  } satisfies WorkbenchMethods;

  return {
    ...methods,
    dataDirectory,
    log,
    reportDefect,
    /** Before any call is made. @throws WorkbenchError where the data directory can only be read and it would change something, or is gone */
    admit: (method: MethodName): void => {
      store.assertInPlace();
      if (viewedFor !== null && !isAdmitted(method, viewedFor)) throw refuseChange(dataDirectory, viewedFor);
    },
    /** After a call, before its answer: who is told that something was changed finds it so after a power cut. */
    settle: (method: MethodName): Promise<void> => (isViewing(method) ? Promise.resolve() : store.settle()),
    /** One sentence where the data directory can only be read; else null. */
    viewing: viewedFor && viewingText(dataDirectory, viewedFor),
    /** Holds the paths of a call to the folders that a browser is shown. */
    confinePaths: confinePaths({ places: shownPlaces(shown), dataDirectory }),
    activeJobs: (): number => activeJobs(store, queueService.methods.show()),
    /** Returns what ends the subscription. */
    subscribe,
    /** A line for each run that a stop now would have to wait for, and what for. */
    stopsAfter: (): string[] =>
      store.runs.withStatus(['running', 'pausing']).map((id) => stopText(ledger.show(id))),
    /** Whether this process is the one that trains what waits. */
    runsQueue: (): boolean => ownership.held,
    /** Resolves once the run has come to rest: completed, failed, cancelled, paused, interrupted or back to created. */
    waitForRun: async (id: string): Promise<Run> => {
      const run = ledger.show(id);
      if (isAtRest(run.status)) return run;
      ownership.require();
      return waitFor((event) =>
        event.name === 'run.changed' && event.payload.id === id && isAtRest(event.payload.status)
          ? event.payload
          : undefined,
      );
    },
    /** Resolves once nothing more comes of the comparison by itself. */
    waitForComparison: async (id: string): Promise<Comparison> => {
      const comparison = methods.comparisons.show({ id });
      if (!isActiveStatus(comparison.status)) return comparison;
      ownership.require();
      return waitFor((event) =>
        event.name === 'comparison.changed' &&
        event.payload.id === comparison.id &&
        !isActiveStatus(event.payload.status)
          ? event.payload
          : undefined,
      );
    },
    /** Resolves once what is kept is checked, and repaired where that was asked for. */
    waitForIntegrity: integrity.atRest,
    /** Resolves once the export is completed or failed. */
    waitForExport: async (id: string): Promise<Export> => {
      const shown = exports.show({ id });
      if (shown.status !== 'running') return shown;
      ownership.require();
      return waitFor((event) =>
        event.name === 'export.changed' && event.payload.id === id && event.payload.status !== 'running'
          ? event.payload
          : undefined,
      );
    },
    /**
     * Asks running trainers to pause (they write a checkpoint), waits for them, then closes the database. Runs that did not make it are found
     * interrupted at the next start.
     * @param options.graceMilliseconds for all of it; where absent, each run has as long as its steps take
     */
    close: ({ graceMilliseconds }: { graceMilliseconds?: number } = {}): Promise<void> =>
      (closed ??= close(graceMilliseconds)),
  };
};

/** The contract's methods, and what a program around them needs. */
export type Workbench = ReturnType<typeof createWorkbench>;

const warn = (error: unknown): void => process.emitWarning(error instanceof Error ? error : String(error));
