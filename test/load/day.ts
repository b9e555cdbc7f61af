import { statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { trainerPids } from '../e2e/trainer-pids.ts';
import type { Load } from './load.ts';
import { inMiB, inSeconds, residentBytes } from './measure.ts';
import { importTiny, tinyExperiment } from './tiny-experiment.ts';

/** A step a second, for a day. */
const steps = 86_400;
const everySeconds = 5;

interface Sample {
  readonly step: number;
  readonly server: number;
  readonly trainer: number;
  readonly library: number;
}

/** Least squares: what each step adds. */
const slopeOf = (samples: readonly Sample[], value: (sample: Sample) => number): number => {
  const mean = (of: (sample: Sample) => number): number =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  const [x, y] = [mean(({ step }) => step), mean(value)];
  const covariance = mean((sample) => (sample.step - x) * (value(sample) - y));
  return covariance / mean(({ step }) => (step - x) ** 2);
};

export const day: Load = {
  name: 'day',
  what: `a run of ${steps} steps (a step a second for a day) with evaluations, checkpoints and samples: what grows`,
  run: async (context) => {
    const { workbench, path } = context;
    await importTiny(context);
    const { training, ...definition } = tinyExperiment('a day', 1, steps);
    const { id } = await workbench.call('experiments.create', {
      definition: {
        ...definition,
        training: {
          ...training,
          evaluateEvery: 600,
          checkpointEvery: 3600,
          samples: { prompts: ['Call me Ishmael.'], maximumTokens: 8 },
        },
      },
    });
    await workbench.call('experiments.start', { id });
    const from = performance.now();
    const samples: Sample[] = [];
    const library = path('data', 'workbench.sqlite');
    for (;;) {
      const [run] = (await workbench.call('experiments.show', { id })).runs;
      if (run!.endedAt !== null) {
        if (run!.status !== 'completed') throw new Error(`the run is ${run!.status}: ${run!.error}`);
        break;
      }
      const [trainer] = trainerPids(workbench.pid);
      if (trainer !== undefined)
        samples.push({
          step: run!.step,
          server: residentBytes(workbench.pid),
          trainer: residentBytes(trainer),
          library: statSync(library).size,
        });
      await sleep(1000 * everySeconds);
    }
    // What the first tenth adds is the process finding its size.
    const settled = samples.filter(({ step }) => step > steps / 10);
    const tell = (of: (sample: Sample) => number): string =>
      `${inMiB(of(settled[0]!))} at first, ${inMiB(of(settled.at(-1)!))} in the end, ${Math.round(slopeOf(settled, of))} bytes a step`;
    return [
      ['took', inSeconds(performance.now() - from)],
      ['memory of the server', tell(({ server }) => server)],
      ['memory of the trainer', tell(({ trainer }) => trainer)],
      ['the library', tell((sample) => sample.library)],
    ];
  },
};
