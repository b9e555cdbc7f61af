import { describe, expect, test, vi } from 'vitest';
import { trainerFork } from '../../main/shell/trainer-fork.ts';
import { electronDouble } from './electron-double.ts';
import type { ChildDouble } from './electron-double.ts';

const spawn = () => {
  const { electron, forks } = electronDouble();
  const trainer = trainerFork(electron, '/app/out/main/trainer.js')();
  const [fork] = forks;
  return { trainer, parameters: fork?.parameters, child: fork?.child as ChildDouble };
};

describe('trainers as utility processes', () => {
  test('run the bundled entry', () => {
    expect(spawn().parameters?.[0]).toBe('/app/out/main/trainer.js');
  });

  test('are told their limits from the start', () => {
    const { electron, forks } = electronDouble();
    trainerFork(electron, '/trainer.js')({ heapMegabytes: 100, memoryMegabytes: 400 });
    const [, given, options] = forks[0]!.parameters;
    expect(given).toEqual(['--most-memory-megabytes=400']);
    expect(options).toMatchObject({
      execArgv: expect.arrayContaining(['--max-old-space-size=100']) as string[],
    });
  });

  test('carry commands and events', () => {
    const { trainer, child } = spawn();
    const events: unknown[] = [];
    trainer.onEvent((event) => events.push(event));
    trainer.send({ type: 'pause' });
    child.emit('message', { type: 'cancelled', step: 3 });
    expect(child.posted).toEqual([{ type: 'pause' }]);
    expect(events).toEqual([{ type: 'cancelled', step: 3 }]);
  });

  test('tell of their end after their last words, with what they wrote to stderr', () => {
    vi.useFakeTimers();
    const { trainer, child } = spawn();
    const order: unknown[] = [];
    trainer.onEvent(({ type }) => order.push(type));
    trainer.onExit((exit) => order.push(exit));
    child.stderr.emit('data', Buffer.from('out of memory\n'));
    child.emit('exit', 134);
    child.emit('message', { type: 'failed', code: 'internal', message: 'it broke' });
    vi.runAllTimers();
    expect(order).toEqual(['failed', { code: 134, signal: null, stderrTail: 'out of memory\n' }]);
    vi.useRealTimers();
  });

  test('are ended after their last word, and when they break the protocol', () => {
    for (const message of [{ type: 'cancelled', step: 1 }, { type: 'nonsense' }]) {
      const { child } = spawn();
      child.emit('message', { type: 'progress', phase: 'training', done: 1, total: 2 });
      expect(child.killed).toBe(false);
      child.emit('message', message);
      expect(child.killed).toBe(true);
    }
  });

  test('can be killed', () => {
    const { trainer, child } = spawn();
    trainer.kill();
    expect(child.killed).toBe(true);
  });
});
