import { adapterSettingsSchema } from '../../main/engine/adapters/settings/adapter-settings.ts';
import { trainingSettingsSchema } from '../../main/engine/train/settings/training-settings.ts';
import type { RunEvent, RunSpecification } from '../../main/trainer/protocol/protocol.ts';
import { describePictures } from '../../main/trainer/read/describe-pictures.ts';
import { trainRun } from '../../main/trainer/run/train-run.ts';

export interface SubjectRun {
  readonly runDirectory: string;
  readonly modelDirectory: string;
  /** Latents that several runs share lie there. */
  readonly cacheDirectory: string;
  /** A folder of the subject with a part to test on. */
  readonly pictures: string;
  readonly seed: number;
  readonly adapter: object;
  readonly training: object;
}

/** The denoising loss on the part to test on, with the same noise and timesteps for every run. */
export interface SubjectLosses {
  readonly before: number;
  readonly after: number;
  /** After the last step, by quarters of the schedule: the first has the least noise. */
  readonly quarters: readonly number[];
}

const specificationOf = async (run: SubjectRun): Promise<RunSpecification> => {
  const { pictures, adapter, training, ...given } = run;
  const { format } = await describePictures({ trainFile: pictures, pictures: { as: 'subject' } });
  return {
    ...{ ...given, date: '2026-11-30', resumeFrom: null },
    dataset: { trainFile: pictures, validationFile: null, format, validationFraction: 0.2 },
    adapter: adapterSettingsSchema.parse(adapter),
    training: trainingSettingsSchema.parse(training),
  };
};

/** Trains the run of an experiment with these settings in this process; its adapter lies in the run's folder. @throws Error where it fails */
export const trainSubject = async (run: SubjectRun): Promise<SubjectLosses> => {
  const values = new Map<string, number[]>();
  const take = (event: RunEvent): void => {
    if (event.type === 'failed') throw new Error(event.message);
    if (event.type !== 'metrics') return;
    for (const { name, value } of event.metrics) values.set(name, [...(values.get(name) ?? []), value]);
  };
  await trainRun(await specificationOf(run), { emit: take, shouldStop: () => null });
  const last = (name: string): number => values.get(name)!.at(-1)!;
  return {
    before: values.get('validation/loss')![0]!,
    after: last('validation/loss'),
    quarters: [1, 2, 3, 4].map((quarter) => last(`validation/loss_quarter_${quarter}`)),
  };
};
