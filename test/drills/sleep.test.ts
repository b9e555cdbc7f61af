import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { Run } from '../../main/api/contract.ts';
import { createCommandLine, type CommandLine } from '../cli/nora.ts';
import { trainerPids } from '../e2e/trainer-pids.ts';
import { describeWith } from '../support/requirements.ts';

/** Longer than a heartbeat of the event socket, and than the time between two checkpoints below. */
const asleepMilliseconds = 35_000;

describeWith('linux', 'a machine that sleeps while it trains', () => {
  let cli: CommandLine;
  beforeAll(() => {
    cli = createCommandLine();
  });
  afterAll(() => cli.remove());

  test(
    'goes on where it was: nobody is told as gone, and the curve has every step',
    { timeout: 240_000 },
    async () => {
      const server = cli.start('serve', '--port', '0', '--json');
      const [said] = (await once(server.child.stdout!, 'data')) as [string];
      const { url, port, token } = JSON.parse(said);
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const call = async <Result>(method: string, params: unknown): Promise<Result> => {
        const body = JSON.stringify({ method, params });
        const answer = await (await fetch(`${url}api/call`, { method: 'POST', headers, body })).json();
        expect(answer).toMatchObject({ ok: true });
        return (answer as { result: Result }).result;
      };
      const { runs } = await call<{ id: string; runs: Run[] }>('experiments.create', {
        definition: {
          ...{ version: 1, name: 'asleep', model: 'sample', dataset: 'sample' },
          training: {
            ...{ steps: 100_000, batchSize: 1, sequenceLength: 16, threads: 1, evaluateEvery: 0 },
            ...{ checkpointMinutes: 0.25, memoryCheck: 'off' },
          },
          configurations: [{ name: 'lora', adapter: { method: 'lora', rank: 2, alpha: 4 } }],
        },
      });
      const { id } = runs[0]!;
      const show = (): Promise<Run> => call<Run>('runs.show', { id });
      await call('runs.start', { id });
      await vi.waitUntil(async () => (await show()).step > 5, 60_000);

      const socket = new WebSocket(`ws://127.0.0.1:${port}/api/events`, { headers });
      await once(socket, 'open');
      const told: string[] = [];
      socket.on('close', () => told.push('closed'));
      socket.on('message', (data: Buffer) => {
        const event = JSON.parse(data.toString());
        if (event.name === 'run.changed') told.push(event.payload.status);
      });
      // Right after it has asked who is there, so that the answers lie unread all the while.
      await once(socket, 'ping');
      const processes = [server.child.pid!, ...trainerPids(server.child.pid!)];
      expect(processes.length).toBeGreaterThan(1);
      for (const pid of processes) process.kill(pid, 'SIGSTOP');
      await sleep(asleepMilliseconds);
      for (const pid of processes) process.kill(pid, 'SIGCONT');

      const { step } = await show();
      await vi.waitUntil(async () => (await show()).step > step + 20, 60_000);
      expect(new Set(told)).toEqual(new Set(['running']));
      expect(trainerPids(server.child.pid!).toSorted()).toEqual(processes.slice(1).toSorted());
      const checkpoints = readdirSync(join(cli.directory, 'data', 'runs', id, 'checkpoints'));
      expect(checkpoints.length).toBeLessThanOrEqual(3); // two are kept, and one may be in the making
      await call('runs.pause', { id });
      await vi.waitUntil(async () => (await show()).status === 'paused', 60_000);
      const losses = await call<{ step: number }[]>('runs.metrics', { id, name: 'train/loss' });
      expect(losses.map((loss) => loss.step)).toEqual(losses.map((_, index) => index + 1));
      expect(losses).toHaveLength((await show()).step);
      socket.close();
      server.child.kill('SIGTERM');
      expect((await server.ended).code).toBe(0);
    },
  );
});
