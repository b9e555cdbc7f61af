import { join } from 'node:path';
import { z } from 'zod';
import { invalidInput } from '../errors.ts';
import { readSafetensorsHeader, readTensorFloat32 } from '../formats/safetensors.ts';
import type { SafetensorsHeader } from '../formats/safetensors.ts';
import {
  checkSealed,
  checkSealedInTurns,
  refuseWithoutSums,
  writeSealedFolder,
} from '../formats/sealed-folder.ts';
import { readVersionedJson } from '../formats/versioned-json.ts';
import { evaluationSchema } from './settings/early-stopping.ts';
import type { TrainerState } from './trainer.ts';

const formatVersion = 2;
/** Of the last version that wrote no sums. */
const unsealedVersion = 1;
const stateFile = 'state.safetensors';
const progressFile = 'checkpoint.json';

/** What a run must remember besides the optimizer's state, to go on as if never stopped. */
const progressSchema = z.strictObject({
  formatVersion: z.literal([unsealedVersion, formatVersion]),
  step: z.int().min(0),
  /** Where the stream of training batches stands. */
  stream: z.strictObject({ seed: z.int(), examples: z.int(), epoch: z.int(), row: z.int() }),
  validationLossBefore: z.number(),
  /** All that was measured then, by name; checkpoints of older versions do not know it. */
  metricsBefore: z.record(z.string(), z.number()).default({}),
  /** Since the first step; checkpoints of older versions do not know them. */
  evaluations: z.array(evaluationSchema).default([]),
  /** Of older versions: what `metricsBefore` has as accuracy. */
  validationAccuracyBefore: z.number().nullable().default(null),
  initialisationSeconds: z.number(),
  /** Seconds and real tokens of each step so far, the first of each process left out. */
  stepSeconds: z.array(z.number()),
  stepTokens: z.array(z.number()),
  /** Of a model that draws the pictures of each of the last steps; checkpoints of older versions do not know them. */
  stepPictures: z.array(z.number()).default([]),
  /** Seconds spent before this checkpoint, and the highest memory until then. */
  totalSeconds: z.number(),
  peakMemoryBytes: z.number(),
  /** Seconds spent on writing samples, which are not among the others. */
  sampleSeconds: z.number().default(0),
  /** Whether any of that was in a process with other runs, whose memory it then is too. */
  sharedMemory: z.boolean().default(false),
  /** Stands for the folder of what the adapter started as, which lies beside; checkpoints of older versions do not know it. */
  startSeal: z.string().nullable().default(null),
});

export type Progress = Omit<z.output<typeof progressSchema>, 'formatVersion' | 'step' | 'startSeal'>;

export interface Checkpoint {
  readonly state: TrainerState;
  readonly progress: Progress;
  /** What stands for the adapter's start, as `sealOf` has it. */
  readonly startSeal: string | null;
}

/** Before the names of what a method's own rules remember. */
const rulePrefix = 'rules.';
const vectors = ['parameters', 'firstMoment', 'secondMoment'] as const;
type VectorName = (typeof vectors)[number];

/**
 * Writes the folder whole or not at all, and reads it back.
 * @throws WorkbenchError 'conflict' where it exists: a step is never written twice
 */
export const writeCheckpoint = async (
  directory: string,
  { state, progress, startSeal }: Checkpoint,
): Promise<void> => {
  const tensor = (name: string, data: Float32Array) =>
    ({ name, dtype: 'F32', shape: [data.length], data }) as const;
  const tensors = [
    ...vectors.map((name) => tensor(name, state[name])),
    ...Object.entries(state.rules ?? {}).map(([name, data]) => tensor(rulePrefix + name, data)),
  ];
  const description = { formatVersion, step: state.step, ...progress, startSeal };
  await writeSealedFolder(directory, (writer) => {
    writer.tensors(stateFile, tensors);
    writer.text(progressFile, `${JSON.stringify(description)}\n`);
  });
};

const readProgress = (directory: string): z.output<typeof progressSchema> =>
  readVersionedJson(join(directory, progressFile), progressSchema);

/** Of a checkpoint without sums all that can be told: its files are there and of the size that they say. */
const checkUnsealed = (directory: string): void => {
  if (readProgress(directory).formatVersion !== unsealedVersion) refuseWithoutSums(directory);
  readSafetensorsHeader(join(directory, stateFile));
};

/**
 * Whether a checkpoint is as it was written.
 * @returns 'whole', or 'without-sums' for one of an older version, of which only the sizes can be told
 * @throws WorkbenchError naming the file and what is wrong with it
 */
export const checkCheckpoint = async (directory: string): Promise<'whole' | 'without-sums'> => {
  if (await checkSealedInTurns(directory)) return 'whole';
  checkUnsealed(directory);
  return 'without-sums';
};

const checkAtOnce = (directory: string): void => {
  if (!checkSealed(directory)) checkUnsealed(directory);
};

const readVector = (header: SafetensorsHeader, name: VectorName, parameters: number): Float32Array => {
  const data = readTensorFloat32(header, name);
  if (data.length !== parameters)
    throw invalidInput(`${header.path}: ${name} has ${data.length} numbers, this run trains ${parameters}`);
  return data;
};

/**
 * What a checkpoint has trained, without the optimizer's state.
 * @throws WorkbenchError where the checkpoint is not what was written, naming the file
 */
export const readCheckpointParameters = (directory: string, parameters: number): Float32Array => {
  checkAtOnce(directory);
  return readVector(readSafetensorsHeader(join(directory, stateFile)), 'parameters', parameters);
};

/** What stands for the adapter's start that a checkpoint goes with; null for one of an older version. */
export const readStartSeal = (directory: string): string | null => readProgress(directory).startSeal;

/**
 * @param parameters how many numbers each vector must have
 * @throws WorkbenchError where the checkpoint is not what was written, naming the file
 */
export const readCheckpoint = (directory: string, parameters: number): Checkpoint => {
  checkAtOnce(directory);
  const { formatVersion: _, step, startSeal, ...progress } = readProgress(directory);
  const header = readSafetensorsHeader(join(directory, stateFile));
  const vector = (name: VectorName): Float32Array => readVector(header, name, parameters);
  return {
    state: {
      step,
      parameters: vector('parameters'),
      firstMoment: vector('firstMoment'),
      secondMoment: vector('secondMoment'),
      rules: Object.fromEntries(
        [...header.tensors.keys()]
          .filter((name) => name.startsWith(rulePrefix))
          .map((name) => [name.slice(rulePrefix.length), readTensorFloat32(header, name)]),
      ),
    },
    progress,
    startSeal,
  };
};
