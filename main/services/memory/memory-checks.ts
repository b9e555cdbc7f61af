import { existsSync } from 'node:fs';
import { WorkbenchError } from '../../engine/errors.ts';
import { sha256OfFileSync } from '../../engine/formats/file-hash.ts';
import { stampOf } from '../../engine/formats/file-stamp.ts';
import { isModelFile, placeOfFile } from '../../engine/formats/diffusion/checkpoint-name.ts';
import { modelFilesOf } from '../../engine/formats/model-files.ts';
import type { DataFormat } from '../../engine/data/pictures/pictures-format.ts';
import { overriddenTraining } from '../../engine/train/settings/training-overrides.ts';
import type { MemoryAnswer, MemoryEstimate, MemoryQuestion } from '../../trainer/protocol/memory-schema.ts';
import type { RunSpecification } from '../../trainer/protocol/protocol.ts';
import type { MemoryReport } from '../shared/entities.ts';
import type { ExperimentDefinition } from '../shared/experiment-definition.ts';
import type { EstimateMemory } from '../shared/memory-job.ts';
import { describeRefusal } from './memory-refusal.ts';

export interface MemoryChecks {
  /** Null for devices that are not the CPU: what they have is not known. */
  readonly report: (
    definition: ExperimentDefinition,
    modelDirectory: string,
    format: DataFormat,
  ) => Promise<MemoryReport | null>;
  /**
   * @throws WorkbenchError `conflict` with the estimate, what is available and settings that would fit, for a run that is not
   * expected to fit. A run whose memory can't be estimated is not refused: it tells by itself what is wrong with it.
   */
  readonly refuseTooLarge: (specification: RunSpecification, signal: AbortSignal) => Promise<void>;
  /** Bytes that a run on the CPU takes at its highest, whatever there is. */
  readonly needed: (
    modelDirectory: string,
    adapter: RunSpecification['adapter'],
    training: Training,
  ) => Promise<number>;
  /**
   * How many of other runs, from the first on, are expected to fit in the process of a run, on its base. None where that can't be estimated, or
   * is not to be.
   */
  readonly howManyBeside: (
    specification: RunSpecification,
    others: readonly RunSpecification[],
    signal: AbortSignal,
  ) => Promise<number>;
}

/** What a run on a base that is there already takes beside its state: its data, the optimizer's graph, what JavaScript keeps (docs/performance.md). */
const besideBytes = 32 * 2 ** 20;

export interface MemoryChecksOptions {
  readonly estimate: EstimateMemory;
  readonly available: () => number;
  /** Frees what can be done without. @returns whether there was anything */
  readonly makeRoom?: () => Promise<boolean>;
}

const keptEstimates = 1000;

type Training = MemoryQuestion['training'];

const textsOf = (format: DataFormat): Pick<MemoryQuestion, 'classes' | 'captions'> => {
  if (format.kind !== 'pictures') return {};
  return format.classes === null ? { captions: format.longestCaptions } : { classes: format.classes };
};

/** Of the settings, all that an estimate depends on. */
const memorySettings = ({
  memory,
  batchSize,
  gradientAccumulation,
  sequenceLength,
  baseFormat,
  samples,
  pictures,
  diffusion,
}: Training): unknown[] => [
  memory,
  batchSize,
  gradientAccumulation,
  sequenceLength,
  baseFormat,
  samples,
  pictures?.template,
  diffusion && [diffusion.resolution, diffusion.crop, diffusion.prior, diffusion.samples],
];

const memoryKey = (training: Training): string => JSON.stringify(memorySettings(training));

/** What says a model's sizes: its configs, or, of a model that is one file, that file as it lies there. */
const configurationOf = (model: string): unknown => {
  if (!existsSync(model)) return null;
  if (isModelFile(model)) return stampOf(model);
  const configs = modelFilesOf(model).filter(({ kind }) => kind === 'config');
  return configs.map(({ name }) => sha256OfFileSync(placeOfFile(model, name)));
};

/** Sizes are the configuration's, so what is known is known of what it holds. */
const keysOf = ({ modelDirectory, adapters, training, classes, captions }: MemoryQuestion): string[] => {
  const file = [modelDirectory, configurationOf(modelDirectory)];
  return adapters.map((adapter) =>
    JSON.stringify([file, memorySettings(training), classes, captions, adapter]),
  );
};

export const createMemoryChecks = ({
  estimate,
  available,
  makeRoom = () => Promise.resolve(false),
}: MemoryChecksOptions): MemoryChecks => {
  // What the form has shown need not be worked out again at the start.
  const known = new Map<string, MemoryEstimate>();
  let asking: AbortController | undefined;

  const ask = async (question: MemoryQuestion, signal?: AbortSignal): Promise<MemoryAnswer> => {
    const keys = keysOf(question);
    const estimates = keys.flatMap((key) => known.get(key) ?? []);
    if (estimates.length === keys.length && estimates.every(({ total }) => total <= question.available))
      return { estimates, suggestion: null };
    const answer = await estimate(question, signal);
    if (known.size > keptEstimates) known.clear();
    keys.forEach((key, index) => known.set(key, answer.estimates[index]!));
    return answer;
  };

  /** A form asks again at each change, and a search takes seconds: the last question counts, the one before is given up. */
  const askInstead = async (question: MemoryQuestion): Promise<MemoryAnswer> => {
    asking?.abort();
    const mine = new AbortController();
    asking = mine;
    try {
      return await ask(question, mine.signal);
    } catch (error) {
      throw mine.signal.aborted
        ? new WorkbenchError('conflict', 'another estimate was asked for meanwhile')
        : error;
    }
  };

  return {
    report: async ({ configurations, training: ofAll }, modelDirectory, format) => {
      const planned = configurations.map(({ name, adapter, training }) => ({
        name,
        adapter,
        training: overriddenTraining(ofAll, training),
      }));
      const onCpu = planned.filter(({ training }) => training.device === 'cpu');
      if (onCpu.length === 0) return null;
      const room = available();
      const estimates = new Map<string, MemoryEstimate>();
      // What is estimated together trains alike, as far as memory goes.
      const groups = [...Map.groupBy(onCpu, ({ training }) => memoryKey(training)).values()];
      let suggestion: MemoryAnswer['suggestion'] = null;
      for (const group of groups) {
        const adapters = group.map(({ adapter }) => adapter);
        const { training } = group[0]!;
        const question = { modelDirectory, adapters, training, available: room, ...textsOf(format) };
        const answer = await askInstead(question);
        group.forEach(({ name }, index) => estimates.set(name, answer.estimates[index]!));
        // Settings that would fit are told for the experiment as a whole.
        if (groups.length === 1) suggestion = answer.suggestion;
      }
      return {
        available: room,
        configurations: onCpu.map(({ name }) => {
          const estimate = estimates.get(name)!;
          return { name, estimate, fits: estimate.total <= room };
        }),
        suggestion,
      };
    },
    refuseTooLarge: async ({ modelDirectory, adapter, training, dataset: { format } }, signal) => {
      if (training.memoryCheck === 'off' || training.device !== 'cpu') return;
      const refusal = async (): Promise<string | null> => {
        const question = {
          ...{ modelDirectory, adapters: [adapter], training, available: available() },
          ...textsOf(format),
        };
        const answer = await ask(question, signal).catch(() => null);
        const total = answer?.estimates[0]?.total;
        if (!answer || total === undefined || total <= question.available) return null;
        return describeRefusal(question, total, answer.suggestion);
      };
      const first = await refusal();
      if (first === null) return;
      const last = (await makeRoom()) ? await refusal() : first;
      if (last !== null) throw new WorkbenchError('conflict', last);
    },
    needed: async (modelDirectory, adapter, training) => {
      // More than any run takes: no settings that would fit are looked for.
      const question = { modelDirectory, adapters: [adapter], training, available: Number.MAX_SAFE_INTEGER };
      return (await ask(question)).estimates[0]!.total;
    },
    howManyBeside: async ({ modelDirectory, adapter, training, dataset: { format } }, others, signal) => {
      if (training.memoryCheck === 'off' || training.device !== 'cpu') return 0;
      const adapters = [adapter, ...others.map((other) => other.adapter)];
      const question = { modelDirectory, adapters, training, available: available(), ...textsOf(format) };
      const answer = await ask(question, signal).catch(() => null);
      if (answer === null) return 0;
      const [first, ...beside] = answer.estimates;
      let total = first!.total;
      const tooMany = beside.findIndex(({ state }) => (total += state + besideBytes) > question.available);
      return tooMany === -1 ? beside.length : tooMany;
    },
  };
};
