import { expect, test } from 'vitest';
import type { Call } from '../../main/api/client.ts';
import type { Router } from '../../main/api/router.ts';
import { followReading } from '../../main/cli/follow-reading.ts';
import type { ProgressState } from '../../main/cli/progress-view.ts';
import type { WorkbenchEvent } from '../../main/services/shared/workbench-events.ts';

test('shows how far files are read, and has Ctrl-C stop that', async () => {
  const listeners = new Set<(event: WorkbenchEvent) => void>();
  const shown: ProgressState[] = [];
  const stopped: unknown[] = [];
  let fail: (error: Error) => void = () => undefined;
  const call = ((method: string, params: unknown) => {
    stopped.push([method, params]);
    fail(new Error('reading it was stopped'));
    return Promise.resolve({});
  }) as unknown as Call;
  const router = {
    subscribe: (listener: (event: WorkbenchEvent) => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  } as unknown as Router;
  const progress = {
    show: (state: ProgressState) => void shown.push(state),
    note: () => undefined,
    clear: () => undefined,
  };

  let asked = '';
  const reading = followReading({ call, router, progress }, (job) => {
    asked = job;
    for (const listener of listeners) {
      const payload = { job, path: '/sea.jsonl', done: 2e9, total: 8e9 };
      listener({ name: 'reading.progress', payload });
      listener({ name: 'reading.progress', payload: { ...payload, job: "another's" } });
    }
    return new Promise<never>((_, reject) => {
      fail = reject;
    });
  });
  process.emit('SIGINT');
  await expect(reading).rejects.toThrow('reading it was stopped');
  expect(shown).toEqual([{ label: '/sea.jsonl', phase: 'reading (MB)', done: 2000, total: 8000 }]);
  expect(stopped).toEqual([['readings.stop', { job: asked }]]);
  expect(listeners.size).toBe(0);
});
