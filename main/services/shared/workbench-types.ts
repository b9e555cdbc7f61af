import type { DatasetFormat } from '../../engine/data/files/dataset-format.ts';
import type { SeparatorName } from '../../engine/data/records/separators.ts';
import type { ExportKind, Metric } from '../../trainer/protocol/protocol.ts';
import type { SpawnTrainer } from '../../trainer/process/trainer-process.ts';
import type {
  Adapter,
  Comparison,
  Dataset,
  DeviceReport,
  DecompositionCache,
  Doctor,
  Experiment,
  Export,
  MemoryReport,
  Model,
  ModelCheck,
  Preview,
  Run,
} from './entities.ts';
import type { ExperimentDefinition } from './experiment-definition.ts';
import type { EstimateMemory } from './memory-job.ts';
import type { EmitEvent } from './workbench-events.ts';

/** What a workbench is made from. Paths may be relative; they are resolved once. */
export interface WorkbenchOptions {
  /** Made when absent. Holds workbench.sqlite, runs/ and exports/. */
  readonly dataDirectory: string;
  readonly spawnTrainer: SpawnTrainer;
  /** Holds model/ and data/: registered as the built-in model and dataset. Null leaves them out. */
  readonly sampleDirectory: string | null;
  /** The program's own version, for the doctor. */
  readonly version: string;
  readonly onEvent?: EmitEvent;
  /** Runs at the same time; 1 unless told otherwise. */
  readonly concurrency?: number;
  /** Works out what runs would take; a trainer process does unless told otherwise. */
  readonly estimateMemory?: EstimateMemory;
  /** Bytes that a run may take now; the system is asked unless told otherwise. */
  readonly availableMemory?: () => number;
}

export interface ById {
  /** An id; for models, datasets, experiments and adapters a name too. */
  readonly id: string;
}

export interface DatasetImport {
  readonly trainFile: string;
  readonly validationFile?: string | undefined;
  readonly name?: string | undefined;
  readonly format?: DatasetFormat | undefined;
  /** Of CSV files. */
  readonly separator?: SeparatorName | undefined;
}

export interface PreviewRequest {
  readonly id: string;
  readonly modelId: string;
  readonly sequenceLength: number;
  readonly lossOn: 'completion' | 'all';
  /** An experiment's, YYYY-MM-DD. */
  readonly date: string;
  readonly count: number;
}

export interface AdapterImport {
  readonly directory: string;
  readonly modelId: string;
  readonly name?: string | undefined;
  readonly onResidualBase?: boolean | undefined;
}

/** An adapter is named by the run that trained it too. */
export type ExportRequest = ({ readonly runId: string } | { readonly adapterId: string }) & {
  readonly kind: ExportKind;
  readonly destination?: string | undefined;
};

type Nothing = Record<string, never>;

/**
 * One group per prefix and one function per method of the contract: `models.show` is `workbench.models.show(params)`.
 * A function takes the method's parsed parameters, returns its result (some at once, some later) and throws
 * WorkbenchError; so a router needs no table of its own.
 */
export interface WorkbenchMethods {
  readonly app: {
    doctor(params?: Nothing): Promise<Doctor>;
    showCache(params?: Nothing): DecompositionCache;
    clearCache(params?: Nothing): DecompositionCache;
  };
  readonly devices: {
    list(params?: Nothing): Promise<DeviceReport[]>;
    probe(params?: Nothing): Promise<DeviceReport[]>;
  };
  readonly models: {
    list(params?: Nothing): Model[];
    show(params: ById): Model;
    import(params: { directory: string; name?: string | undefined }): Promise<Model>;
    remove(params: ById): Nothing;
    /** Reads every file unless `thorough` is false: then those whose size or times differ from the last look. */
    verify(params: ById & { readonly thorough?: boolean | undefined }): Promise<ModelCheck>;
  };
  readonly datasets: {
    list(params?: Nothing): Dataset[];
    show(params: ById): Dataset;
    import(params: DatasetImport): Promise<Dataset>;
    remove(params: ById): Nothing;
    preview(params: PreviewRequest): Promise<Preview>;
  };
  readonly experiments: {
    list(params?: Nothing): Experiment[];
    show(params: ById): Experiment;
    create(params: { definition: ExperimentDefinition }): Experiment;
    estimate(params: { definition: ExperimentDefinition }): Promise<MemoryReport | null>;
    start(params: ById): Experiment;
    remove(params: ById): Nothing;
    compare(params: ById): Comparison;
  };
  readonly runs: {
    show(params: ById): Run;
    start(params: ById): Run;
    pause(params: ById): Run;
    resume(params: ById): Run;
    cancel(params: ById): Run;
    metrics(params: { id: string; name?: string | undefined }): Metric[];
  };
  readonly adapters: {
    list(params?: Nothing): Adapter[];
    show(params: ById): Adapter;
    import(params: AdapterImport): Promise<Adapter>;
    remove(params: ById): Nothing;
  };
  readonly exports: {
    list(params?: Nothing): Export[];
    show(params: ById): Export;
    create(params: ExportRequest): Promise<Export>;
  };
}

/** The contract's methods, and what a program around them needs. */
export interface Workbench extends WorkbenchMethods {
  readonly dataDirectory: string;
  /** Resolves once the run has come to rest: completed, failed, cancelled, paused, interrupted or back to created. */
  waitForRun(id: string): Promise<Run>;
  /** Resolves once the export is completed or failed. */
  waitForExport(id: string): Promise<Export>;
  /**
   * Asks running trainers to pause (they write a checkpoint), waits for them up to `graceMilliseconds`, then closes the
   * database. Runs that did not make it are found interrupted at the next start.
   */
  close(options?: { graceMilliseconds?: number }): Promise<void>;
}
