import { fork, type ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { trainerPids } from '../../e2e/trainer-pids.ts';
import type { SmallRun } from './small-run.ts';
import type { Said } from './workbench-process.ts';
import { isAlive } from '../../support/is-alive.ts';

export const targets = ['trainer', 'main', 'both'] as const;
export type Target = (typeof targets)[number];

/**
 * Whom to kill: so long after its workbench has told so many times how the run comes along. On the clock alone a busy machine would put most
 * kills into the opening.
 */
export interface Kill {
  readonly target: Target;
  readonly told: number;
  readonly milliseconds: number;
}

/** What was killed, and what it was doing. */
export interface Killed extends Kill {
  readonly phase: string;
}

interface Life {
  readonly child: ChildProcess;
  readonly phase: () => string;
  /** How many times it has told of the run. */
  readonly told: () => number;
  /** Resolves once it has told so many times from now on. */
  readonly untilTold: (times: number) => Promise<void>;
  /** Null where it was killed. */
  readonly ended: Promise<Said | null>;
}

const live = ({ dataDirectory, runId }: SmallRun): Life => {
  const child = fork(join(import.meta.dirname, 'workbench-process.ts'), [dataDirectory, runId], {
    execArgv: [],
  });
  let phase = 'opening';
  let told = 0;
  let last: Said | null = null;
  const heard = new EventEmitter();
  child.on('message', (said: Said) => {
    if (said.type !== 'phase') return void (last = said);
    phase = said.phase;
    told++;
    heard.emit('told');
  });
  const untilTold = async (times: number): Promise<void> => {
    for (const end = told + times; told < end;) await once(heard, 'told');
  };
  return {
    child,
    phase: () => phase,
    told: () => told,
    untilTold,
    ended: once(child, 'exit').then(() => last),
  };
};

/** Takes a run to its end. @returns how many times its workbench told of it */
export const liveToTheEnd = async (run: SmallRun): Promise<number> => {
  const life = live(run);
  const said = await life.ended;
  if (said?.type !== 'completed') throw new Error(`the run did not complete: ${JSON.stringify(said)}`);
  return life.told();
};

/**
 * Takes a run to its end through kills, one after the other; those that come after its end are not made.
 * @throws where it ends otherwise than by completing
 */
export const liveThrough = async (run: SmallRun, kills: readonly Kill[]): Promise<Killed[]> => {
  const killed: Killed[] = [];
  const orphans = new Set<number>();
  let life = live(run);
  for (const kill of kills) {
    const late = life.untilTold(kill.told).then(() => sleep(kill.milliseconds, 'late' as const));
    const ended = await Promise.race([life.ended, late]);
    if (ended !== 'late') {
      if (ended?.type !== 'completed') throw new Error(`the run did not complete: ${JSON.stringify(ended)}`);
      break;
    }
    killed.push({ ...kill, phase: life.phase() });
    const trainers = trainerPids(life.child.pid!);
    if (kill.target !== 'main') trainers.forEach(killQuietly);
    if (kill.target === 'trainer') continue;
    if (kill.target === 'main') for (const pid of trainers) orphans.add(pid);
    life.child.kill('SIGKILL');
    await life.ended;
    life = live(run);
  }
  const said = await life.ended;
  if (said?.type !== 'completed') throw new Error(`the run did not complete: ${JSON.stringify(said)}`);
  await untilGone(orphans);
  return killed;
};

const killQuietly = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it ended by itself
  }
};

/** An orphan that never ends is a fault of its own. */
const untilGone = async (pids: ReadonlySet<number>): Promise<void> => {
  const until = performance.now() + 30_000;
  while ([...pids].some(isAlive)) {
    if (performance.now() > until) throw new Error('an orphaned trainer is still there after 30 s');
    await sleep(50);
  }
};
