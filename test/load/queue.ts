import { setTimeout as sleep } from 'node:timers/promises';
import type { Load } from './load.ts';
import {
  askRepeatedly,
  highestBytes,
  inMiB,
  inMilliseconds,
  inSeconds,
  residentBytes,
  timed,
  until,
} from './measure.ts';
import { importTiny, tinyExperiment } from './tiny-experiment.ts';

const experiments = 50;
const runsEach = 20;
const watchedSeconds = 60;

export const queue: Load = {
  name: 'queue',
  what: `${experiments * runsEach} queued runs, worked through for ${watchedSeconds} s while somebody looks at them`,
  run: async (context) => {
    const { workbench, restart } = context;
    await importTiny(context);
    await workbench.call('queue.pause', {});
    const before = residentBytes(workbench.pid);
    const [, filling] = await timed(async () => {
      for (let index = 0; index < experiments; index++) {
        const definition = tinyExperiment(`load ${index + 1}`, runsEach, 5);
        const { id } = await workbench.call('experiments.create', { definition });
        await workbench.call('experiments.start', { id });
      }
    });
    await workbench.call('queue.resume', {});
    const asked = [
      askRepeatedly(() => workbench.call('queue.show', {}), 200),
      askRepeatedly(() => workbench.call('experiments.list', {}), 200),
      askRepeatedly(() => workbench.call('runs.list', {}), 200),
    ];
    await sleep(1000 * watchedSeconds);
    const [shown, listed, tabled] = await Promise.all(asked.map(({ stop }) => stop()));
    const { total: completed } = await workbench.call('runs.list', {
      filter: 'status = completed',
      limit: 1,
    });
    const highest = highestBytes(workbench.pid);
    await workbench.call('queue.pause', { andRunning: true });
    await until(async () => (await workbench.call('queue.show', {})).running.length === 0);
    const again = await restart();
    const [, after] = await timed(() => context.workbench.call('queue.show', {}));
    return [
      ['created and queued', inSeconds(filling)],
      ['runs done meanwhile', `${completed}`],
      ['queue.show', inMilliseconds(shown!)],
      ['experiments.list', inMilliseconds(listed!)],
      ['runs.list', inMilliseconds(tabled!)],
      ['memory of the server, before and at most', `${inMiB(before)}, ${inMiB(highest)}`],
      ['opened again', `${inSeconds(again)}, its queue shown in ${after.toFixed(0)} ms`],
    ];
  },
};
