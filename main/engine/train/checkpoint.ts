import { join } from 'node:path';
import { z } from 'zod';
import { invalidInput } from '../errors.ts';
import { writeDirectoryWhole, writeFileWhole } from '../formats/atomic-file.ts';
import { readSafetensorsHeader, readTensorFloat32, writeSafetensors } from '../formats/safetensors.ts';
import { readVersionedJson } from '../formats/versioned-json.ts';
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
  initialisationSeconds: z.number(),
  /** Seconds and real tokens of each step so far, the first of each process left out. */
  stepSeconds: z.array(z.number()),
  stepTokens: z.array(z.number()),
  /** Seconds spent before this checkpoint, and the highest memory until then. */
  totalSeconds: z.number(),
  peakMemoryBytes: z.number(),
});

export type Progress = Omit<z.output<typeof progressSchema>, 'formatVersion' | 'step'>;

export interface Checkpoint {
  readonly state: TrainerState;
  readonly progress: Progress;
}

const vectors = ['parameters', 'firstMoment', 'secondMoment'] as const;

/** Writes the folder whole or not at all. */
export const writeCheckpoint = async (directory: string, { state, progress }: Checkpoint): Promise<void> => {
  const tensors = vectors.map((name) => ({
    name,
    dtype: 'F32' as const,
    shape: [state[name].length],
    data: state[name],
  }));
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

/** @param parameters how many numbers each vector must have */
export const readCheckpoint = (directory: string, parameters: number): Checkpoint => {
  const {
    formatVersion: _,
    step,
    ...progress
  } = readVersionedJson(join(directory, progressFile), progressSchema);
  const header = readSafetensorsHeader(join(directory, stateFile));
  const vector = (name: (typeof vectors)[number]): Float32Array => {
    const data = readTensorFloat32(header, name);
    if (data.length !== parameters)
      throw invalidInput(`${header.path}: ${name} has ${data.length} numbers, this run trains ${parameters}`);
    return data;
  };
  return {
    state: {
      step,
      parameters: vector('parameters'),
      firstMoment: vector('firstMoment'),
      secondMoment: vector('secondMoment'),
    },
    progress,
  };
};
