import { adapterSettingsSchema } from '../../main/engine/adapters/settings/adapter-settings.ts';
import { trainingSettingsSchema } from '../../main/engine/train/settings/training-settings.ts';
import type { RunEvent, RunSpecification } from '../../main/trainer/protocol/protocol.ts';
import { describePictures } from '../../main/trainer/read/describe-pictures.ts';
import { trainRun } from '../../main/trainer/run/train-run.ts';

/** What a run came to on the part that it is measured on. */
export interface Measured {
  /** Accuracy before the first step: zero-shot. */
  readonly before: number;
  readonly after: number;
  /** After the last step, a picture. */
  readonly loss: number;
}

export interface FewShotRun {
  readonly runDirectory: string;
  readonly modelDirectory: string;
  /** A folder of classes with a part to measure on. */
  readonly pictures: string;
  readonly seed: number;
  readonly adapter: object;
  readonly training: object;
}

const described = new Map<string, ReturnType<typeof describePictures>>();

/** Every picture is looked at once. */
const describeOnce = (trainFile: string): ReturnType<typeof describePictures> => {
  const known = described.get(trainFile) ?? describePictures({ trainFile });
  described.set(trainFile, known);
  return known;
};

/** The run as the trainer takes it, the same that an experiment of these settings has. */
export const specificationOf = async (run: FewShotRun): Promise<RunSpecification> => {
  const { runDirectory, modelDirectory, pictures, seed, adapter, training } = run;
  const { format } = await describeOnce(pictures);
  return {
    ...{ runDirectory, modelDirectory, cacheDirectory: null, seed, date: '2026-11-29', resumeFrom: null },
    dataset: { trainFile: pictures, validationFile: null, format, validationFraction: 0.1 },
    adapter: adapterSettingsSchema.parse(adapter),
    training: trainingSettingsSchema.parse(training),
  };
};

/** Trains it in this process. @throws Error where it fails */
export const measureRun = async (specification: RunSpecification): Promise<Measured> => {
  const values = new Map<string, number[]>();
  const take = (event: RunEvent): void => {
    if (event.type === 'failed') throw new Error(event.message);
    if (event.type !== 'metrics') return;
    for (const { name, value } of event.metrics) values.set(name, [...(values.get(name) ?? []), value]);
  };
  await trainRun(specification, { emit: take, shouldStop: () => null });
  const [before, after] = values.get('validation/accuracy') as [number, number];
  return { before, after, loss: values.get('validation/loss')!.at(-1)! };
};
