import type { Load } from './load.ts';
import { highestBytes, inMiB, inSeconds, timed, until } from './measure.ts';
import { importTiny, tinyExperiment } from './tiny-experiment.ts';

const count = 100;

export const arms: Load = {
  name: 'arms',
  what: `an experiment with ${count} arms, trained to the end`,
  run: async (context) => {
    const { workbench } = context;
    await importTiny(context);
    const definition = tinyExperiment('arms', count, 20);
    const [{ id }, creating] = await timed(() => workbench.call('experiments.create', { definition }));
    const [, training] = await timed(async () => {
      await workbench.call('experiments.start', { id });
      await until(
        async () =>
          (await workbench.call('experiments.show', { id })).runs.every(({ endedAt }) => endedAt !== null),
        { seconds: 3600, everyMilliseconds: 1000 },
      );
    });
    const [shown, showing] = await timed(() => workbench.call('experiments.show', { id }));
    const [, comparing] = await timed(() => workbench.call('experiments.compare', { id }));
    const [, curves] = await timed(() =>
      workbench.call('metrics.series', {
        runIds: shown.runs.map((run) => run.id),
        metrics: ['train/loss', 'validation/loss'],
      }),
    );
    const completed = shown.runs.filter(({ status }) => status === 'completed').length;
    return [
      ['created', inSeconds(creating)],
      ['trained', `${completed} of ${count} runs in ${inSeconds(training)}`],
      [
        'its page, its comparison, its curves',
        [showing, comparing, curves].map((took) => `${took.toFixed(0)} ms`).join(', '),
      ],
      ['memory of the server at most', inMiB(highestBytes(workbench.pid))],
    ];
  },
};
