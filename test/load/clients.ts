import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { Load } from './load.ts';
import { highestBytes, inMiB, inMilliseconds, residentBytes, until } from './measure.ts';
import { importTiny, tinyExperiment } from './tiny-experiment.ts';

const clients = 20;
const watchedSeconds = 30;

interface Listener {
  /** Of each event: when it came. */
  readonly arrivals: number[];
  readonly socket: WebSocket;
}

export const eventClients: Load = {
  name: 'clients',
  what: `${clients} clients on the event stream, and one that never reads, while a run of a few milliseconds a step trains`,
  run: async (context) => {
    const { workbench, path } = context;
    await importTiny(context);
    const token = readFileSync(path('data', 'session-token'), 'utf8').trim();
    const listen = async (): Promise<Listener> => {
      const headers = { authorization: `Bearer ${token}` };
      const socket = new WebSocket(`ws://127.0.0.1:${workbench.port}/api/events`, { headers });
      const arrivals: number[] = [];
      socket.on('message', () => arrivals.push(performance.now()));
      await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
      return { arrivals, socket };
    };
    const before = residentBytes(workbench.pid);
    const listeners = await Promise.all(Array.from({ length: clients }, listen));
    const deaf = await listen();
    deaf.socket.pause();

    const definition = tinyExperiment('events', 1, 1_000_000);
    const { id } = await workbench.call('experiments.create', { definition });
    await workbench.call('experiments.start', { id });
    await until(async () => (await workbench.call('experiments.show', { id })).runs[0]!.step > 0);
    for (const { arrivals } of listeners) arrivals.length = 0;
    await sleep(1000 * watchedSeconds);
    const heard = listeners.map(({ arrivals }) => [...arrivals]);
    const highest = highestBytes(workbench.pid);
    await workbench.call('queue.pause', { andRunning: true });
    await until(async () => (await workbench.call('queue.show', {})).running.length === 0);
    for (const { socket } of [...listeners, deaf]) socket.terminate();

    const counts = heard.map(({ length }) => length);
    const common = Math.min(...counts);
    // The same event at the first and at the last that hears it; the ends of the watching may cut one off.
    const spread = Array.from({ length: common }, (_, index) => {
      const times = heard.map((arrivals) => arrivals[index]!);
      return Math.max(...times) - Math.min(...times);
    });
    return [
      ['events heard by each', `${Math.min(...counts)} to ${Math.max(...counts)} in ${watchedSeconds} s`],
      ['from the first client to the last', inMilliseconds(spread)],
      ['memory of the server, before and at most', `${inMiB(before)}, ${inMiB(highest)}`],
    ];
  },
};
