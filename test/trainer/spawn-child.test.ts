import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { TrainerCommand, TrainerEvent } from '../../main/trainer/protocol/protocol.ts';
import { spawnChildTrainer } from '../../main/trainer/process/spawn-child.ts';
import type { TrainerExit, TrainerProcess } from '../../main/trainer/process/trainer-process.ts';
import { trainingSettingsSchema } from '../../main/engine/train/settings/training-settings.ts';
import { adapterSettingsSchema } from '../../main/engine/adapters/settings/adapter-settings.ts';
import { isAlive } from '../support/is-alive.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'nora-trainer-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const entry = join(import.meta.dirname, 'scripted-entry.ts');

const trainCommand = (script: string): TrainerCommand => {
  const runDirectory = join(directory, script);
  mkdirSync(runDirectory, { recursive: true });
  const specification = {
    runDirectory,
    modelDirectory: '/model',
    cacheDirectory: null,
    dataset: {
      trainFile: '/train.jsonl',
      validationFile: null,
      format: { kind: 'text', column: 'text' },
      validationFraction: 0.1,
    },
    adapter: adapterSettingsSchema.parse({ method: 'lora' }),
    training: trainingSettingsSchema.parse({}),
    seed: 0,
    date: '2026-11-28',
    resumeFrom: null,
  } as const;
  return { type: 'train', runs: [{ run: 'first', specification }] };
};

interface Watched {
  readonly trainer: TrainerProcess;
  readonly events: TrainerEvent[];
  readonly exit: Promise<TrainerExit>;
  /** Resolves with the first event. */
  readonly working: Promise<void>;
}

const watch = (trainer: TrainerProcess): Watched => {
  const events: TrainerEvent[] = [];
  const { promise: working, resolve } = Promise.withResolvers<void>();
  trainer.onEvent((event) => {
    events.push(event);
    resolve();
  });
  return { trainer, events, working, exit: new Promise((done) => trainer.onExit(done)) };
};
const start = (script: string): Watched => {
  const watched = watch(spawnChildTrainer(entry)());
  watched.trainer.send(trainCommand(script));
  return watched;
};

describe('a trainer in a child process', () => {
  test('reports, pauses and exits', async () => {
    const { trainer, events, exit, working } = start('loop');
    await working;
    trainer.send({ type: 'pause', run: 'another' }); // is nothing to this one
    trainer.send({ type: 'pause', run: 'first' });
    expect(await exit).toEqual({ code: 0, signal: null, stderrTail: '' });
    expect(events.at(0)).toMatchObject({ type: 'notice' });
    expect(events.slice(-2)).toMatchObject([
      {
        type: 'of-run',
        run: 'first',
        event: { type: 'paused', checkpointDirectory: join(directory, 'loop', 'checkpoint') },
      },
      { type: 'trained' },
    ]);
  });

  test('cancels', async () => {
    const { trainer, events, exit, working } = start('loop');
    await working;
    trainer.send({ type: 'cancel' });
    await exit;
    expect(events.at(-1)?.type).toBe('cancelled');
  });

  test('exports', async () => {
    const { trainer, events, exit } = watch(spawnChildTrainer(entry)());
    trainer.send({
      type: 'export',
      specification: {
        kind: 'merged',
        modelDirectory: '/m',
        adapterDirectory: '/a',
        destination: '/d',
        baseModelName: 'm',
        threads: null,
      },
    });
    await exit;
    expect(events).toMatchObject([{ type: 'exported', summary: { destination: '/d' } }]);
  });

  test('delivers everything before its exit, and only one final event', async () => {
    const { events, exit } = start('flood');
    expect((await exit).code).toBe(0);
    expect(events).toHaveLength(20_001);
    expect(events.at(-1)).toEqual({ type: 'cancelled', step: 20_000 });
  });

  test('is not stopped by the Ctrl-C that reaches its whole process group', async () => {
    const { trainer, events, working, exit } = start('loop');
    await working;
    process.kill(processOf(events), 'SIGINT');
    const before = events.length;
    await vi.waitFor(() => expect(events.length).toBeGreaterThan(before + 3));
    trainer.send({ type: 'cancel' });
    expect((await exit).signal).toBeNull();
  });

  test.each(['SIGHUP', 'SIGQUIT'] as const)(
    'leaves what %s means to its parent, whose terminal it came from',
    async (signal) => {
      const { trainer, events, working, exit } = start('loop');
      await working;
      process.kill(processOf(events), signal);
      const before = events.length;
      await vi.waitFor(() => expect(events.length).toBeGreaterThan(before + 3));
      trainer.send({ type: 'pause' });
      expect((await exit).signal).toBeNull();
      expect(events.filter(({ type }) => type === 'notice')).toHaveLength(1); // its introduction
    },
  );

  test('that is asked to end writes its checkpoint, and says why', async () => {
    const { events, exit, working } = start('loop');
    await working;
    process.kill(processOf(events), 'SIGTERM');
    expect(await exit).toEqual({ code: 0, signal: null, stderrTail: '' });
    expect(existsSync(join(directory, 'loop', 'checkpoint'))).toBe(true);
    expect(events.slice(-3)).toMatchObject([
      {
        type: 'of-run',
        event: {
          type: 'notice',
          message: expect.stringMatching(
            /^the system or a person asked its trainer process to end \(SIGTERM\): it was paused after step \d+, with a checkpoint$/,
          ) as string,
        },
      },
      { type: 'of-run', event: { type: 'paused' } },
      { type: 'trained' },
    ]);
  });

  test('that is asked to end together with its parent pauses once, for the parent', async () => {
    const { trainer, events, exit, working } = start('loop');
    await working;
    trainer.send({ type: 'pause' });
    process.kill(processOf(events), 'SIGTERM');
    await exit;
    expect(events.slice(-2).map(({ type }) => type)).toEqual(['of-run', 'trained']);
  });

  test('can be killed', async () => {
    const { trainer, exit, working } = start('loop');
    await working;
    trainer.kill();
    expect(await exit).toMatchObject({ code: null, signal: 'SIGKILL' });
    trainer.send({ type: 'pause' }); // goes nowhere, and hurts nobody
  });
});

describe('a trainer that fails', () => {
  test('says what a person can do something about in one line', async () => {
    const { events, exit } = start('refuse');
    expect(await exit).toMatchObject({ stderrTail: '' });
    expect(events).toEqual([{ type: 'failed', code: 'no-space', message: 'no space left on the disk' }]);
  });

  test.each([
    ['throw', 'x is not a function', 'TypeError: x is not a function'],
    ['throw-later', 'out of range', 'RangeError: out of range'],
    ['silent', 'the job ended without saying how', 'Error: the job ended'],
    ['nonsense', 'the job reported "of-run" with a wrong event.metrics.0.value', 'Error: the job reported'],
  ])('as a defect (%s) reports its first line, and its stack on stderr', async (script, message, stack) => {
    const { events, exit } = start(script);
    expect((await exit).stderrTail).toContain(stack);
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      type: 'failed',
      code: 'internal',
      message: expect.stringContaining(message) as string,
    });
    // The rest is for the log, as it was said.
    expect((events[0] as { message: string }).message).not.toContain('\n');
  });

  test('at breaking the protocol is ended', async () => {
    const { events, exit } = start('rogue');
    const { signal, stderrTail } = await exit;
    expect(events).toEqual([]);
    expect(signal).toBe('SIGKILL');
    expect(stderrTail).toContain('the trainer broke its protocol: message: ');
  });

  test('natively leaves its final events on stderr', async () => {
    const { events, exit } = start('abort');
    const { signal, stderrTail } = await exit;
    expect(signal).toBe('SIGABRT');
    expect(stderrTail).toContain('terminate called: bad allocation');
    expect(events).toEqual([]);
  });

  test('to start at all ends with a reason', async () => {
    const { exit } = watch(spawnChildTrainer(join(directory, 'nowhere.ts'))());
    const { code, stderrTail } = await exit;
    expect(code).toBe(1);
    expect(stderrTail).toContain('Cannot find module');
  });

  test('is never given an invalid command', () => {
    const { trainer } = watch(spawnChildTrainer(entry)());
    expect(() => trainer.send({ type: 'stop' } as unknown as TrainerCommand)).toThrow();
    trainer.kill();
  });
});

describe('a trainer whose parent is killed', () => {
  test('writes its checkpoint and ends', async () => {
    const parent = fork(join(import.meta.dirname, 'orphan-maker.ts'), { execArgv: [] });
    parent.send(trainCommand('loop'));
    await once(parent, 'message');
    parent.kill('SIGKILL');
    await vi.waitFor(() => expect(existsSync(join(directory, 'loop', 'checkpoint'))).toBe(true), 5000);
  });

  test('ends, whatever step it is at, where it was reading', async () => {
    const parent = fork(join(import.meta.dirname, 'orphan-maker.ts'), { execArgv: [] });
    parent.send({ type: 'read', question: { kind: 'model', directory: '/hang' } });
    const [event] = (await once(parent, 'message')) as [{ answer: { hashes: string[] } }];
    const reader = Number(event.answer.hashes[0]);
    parent.kill('SIGKILL');
    try {
      await vi.waitFor(() => expect(isAlive(reader)).toBe(false), 10_000);
    } finally {
      if (isAlive(reader)) process.kill(reader, 'SIGKILL');
    }
  });
});

/** The process id that the loop script tells of first. */
const processOf = ([first]: readonly TrainerEvent[]): number => {
  if (first?.type !== 'notice') throw new Error('the trainer did not introduce itself');
  return Number(first.message.replace('process ', ''));
};
