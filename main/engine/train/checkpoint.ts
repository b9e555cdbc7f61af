import { join } from 'node:path';
import { z } from 'zod';
import { invalidInput } from '../errors.ts';
import { writeDirectoryWhole, writeFileWhole } from '../formats/atomic-file.ts';
import { readSafetensorsHeader, readTensorFloat32, writeSafetensors } from '../formats/safetensors.ts';
import type { SafetensorsHeader } from '../formats/safetensors.ts';
import { readVersionedJson } from '../formats/versioned-json.ts';
import { evaluationSchema } from './settings/early-stopping.ts';
import type { TrainerState } from './trainer.ts';

const formatVersion = 1;
const stateFile = 'state.safetensors';
const progressFile = 'checkpoint.json';

/** What a run must remember besides the optimizer's state, to go on as if never stopped. */
const progressSchema = z.strictObject({
  formatVersion: z.literal(formatVersion),
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
  /** Seconds spent before this checkpoint, and the highest memory until then. */
  totalSeconds: z.number(),
  peakMemoryBytes: z.number(),
  /** Seconds spent on writing samples, which are not among the others. */
  sampleSeconds: z.number().default(0),
  /** Whether any of that was in a process with other runs, whose memory it then is too. */
  sharedMemory: z.boolean().default(false),
});

export type Progress = Omit<z.output<typeof progressSchema>, 'formatVersion' | 'step'>;

export interface Checkpoint {
  readonly state: TrainerState;
  readonly progress: Progress;
}

/** Before the names of what a method's own rules remember. */
const rulePrefix = 'rules.';
const vectors = ['parameters', 'firstMoment', 'secondMoment'] as const;
type VectorName = (typeof vectors)[number];

/** Writes the folder whole or not at all. */
export const writeCheckpoint = async (directory: string, { state, progress }: Checkpoint): Promise<void> => {
  const tensor = (name: string, data: Float32Array) =>
    ({ name, dtype: 'F32', shape: [data.length], data }) as const;
  const tensors = [
    ...vectors.map((name) => tensor(name, state[name])),
    ...Object.entries(state.rules ?? {}).map(([name, data]) => tensor(rulePrefix + name, data)),
  ];
  await writeDirectoryWhole(
    directory,
    (temporary) => {
      writeSafetensors(join(temporary, stateFile), tensors);
      writeFileWhole(
        join(temporary, progressFile),
        JSON.stringify({ formatVersion, step: state.step, ...progress }) + '\n',
      );
    },
    { replaceExisting: true },
  );
};

const readVector = (header: SafetensorsHeader, name: VectorName, parameters: number): Float32Array => {
  const data = readTensorFloat32(header, name);
  if (data.length !== parameters)
    throw invalidInput(`${header.path}: ${name} has ${data.length} numbers, this run trains ${parameters}`);
  return data;
};

/** What a checkpoint has trained, without the optimizer's state. */
export const readCheckpointParameters = (directory: string, parameters: number): Float32Array =>
  readVector(readSafetensorsHeader(join(directory, stateFile)), 'parameters', parameters);

/** @param parameters how many numbers each vector must have */
export const readCheckpoint = (directory: string, parameters: number): Checkpoint => {
  const {
    formatVersion: _,
    step,
    ...progress
  } = readVersionedJson(join(directory, progressFile), progressSchema);
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
  };
};
