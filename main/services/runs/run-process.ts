import type { Metric, RunSpecification } from '../../trainer/protocol/protocol.ts';
import type { SpawnTrainer } from '../../trainer/process/trainer-process.ts';
import type { MemoryChecks } from '../memory/memory-checks.ts';
import {
  failureOf,
  startTrainerJob,
  type Died,
  type JobEnd,
  type TrainerJob,
  type TrainerNews,
} from '../trainer-jobs/trainer-job.ts';
import { createPatience } from './patience.ts';
import type { RunEnd } from './run-end.ts';
import { openRunSession, type RunSession, type SessionContext } from './run-session.ts';
import { setAwakeTimeout } from '../shared/awake.ts';

export interface RunProcessContext extends Omit<SessionContext, 'onLost' | 'isHeld'> {
  readonly spawnTrainer: SpawnTrainer;
  readonly memory: MemoryChecks;
}

/** Runs that wait and may be taken along by the one that is about to start. */
export interface Company {
  /** What they are to do, in the order of the queue. */
  readonly waiting: () => readonly { readonly id: string; readonly specification: RunSpecification }[];
  /** Marks one as running in this process. @returns whether it still waited */
  readonly take: (id: string) => boolean;
}

/** One trainer process with the runs that train in it side by side, from start to end. */
export interface RunProcess {
  /** Ends one of its runs in its own time. */
  stop(id: string, how: 'pause' | 'cancel'): void;
  /** Ends one of its runs at once: with the process, where no other run needs that. */
  kill(id: string): void;
  /** Ends the process at once. */
  killAll(): void;
  /** From now on it is ended where it is silent for longer than its steps have taken so far. */
  endIfSilent(): void;
  /** Resolves when the end of every run is written down and the process is gone. Never rejects. */
  readonly gone: Promise<void>;
}

interface Planned {
  readonly session: RunSession;
  readonly specification: RunSpecification;
}

/** Takes a run that has just become `running` to its end, and those that it takes along. */
export const startRunProcess = (
  { spawnTrainer, memory, ...context }: RunProcessContext,
  id: string,
  company: Company,
  isHeld: SessionContext['isHeld'],
): RunProcess => {
  const sessions = new Map<string, RunSession>();
  const requested = new Map<string, 'pause' | 'cancel'>();
  const estimate = new AbortController();
  const patience = createPatience();
  let job: TrainerJob | undefined;
  let isKilled = false;

  const open = (runId: string): RunSession => {
    const session = openRunSession({ ...context, isHeld, onLost: endAtOnce }, runId);
    sessions.set(runId, session);
    return session;
  };
  const isOver = (): boolean => [...sessions.values()].every((session) => session.isOver());

  const killAll = (): void => {
    isKilled = true;
    estimate.abort();
    job?.kill();
  };
  /** Nothing more is heard of it. */
  const endAtOnce = (runId: string): void => {
    if (isOver()) killAll();
    else job?.send({ type: 'cancel', run: runId });
  };

  const onNews = (news: TrainerNews): void => {
    patience.heard();
    if (news.type !== 'of-run') return;
    if (news.event.type === 'metrics' && news.event.metrics.some(isOfStep)) patience.measured();
    const session = sessions.get(news.run);
    try {
      session?.onEvent(news.event);
      if (isOver()) job?.letGo();
    } catch (error) {
      session?.finish(failureOf(error));
      endAtOnce(news.run);
    }
  };
  const onEnd = (end: JobEnd): void => {
    const how = endOfAll(isKilled && end.type === 'died' ? endedByUs : end);
    for (const session of sessions.values()) session.finish(how);
  };

  /** What the session is to do; nothing where that can't be, which is written down as its end. */
  const planOf = async (session: RunSession): Promise<Planned[]> => {
    try {
      return [{ session, specification: await session.plan(estimate.signal) }];
    } catch (error) {
      session.finish(isKilled ? endedByUs : failureOf(error));
      return [];
    }
  };

  const takeAlong = async (first: RunSpecification): Promise<Planned[]> => {
    const waiting = company.waiting();
    if (waiting.length === 0) return [];
    const specifications = waiting.map(({ specification }) => specification);
    const fitting = await memory.howManyBeside(first, specifications, estimate.signal);
    if (requested.size > 0 || isKilled) return [];
    const taken = waiting.slice(0, fitting).filter((run) => company.take(run.id));
    // Each is there to be stopped before the next is looked over.
    const opened = taken.map((run) => open(run.id));
    const planned: Planned[] = [];
    for (const session of opened) planned.push(...(await planOf(session)));
    return planned;
  };

  /** What the trainer is given; not those that could not even begin. */
  const begin = ({ session, specification }: Planned): { run: string; specification: RunSpecification }[] => {
    try {
      return [{ run: session.id, specification: session.begin(specification) }];
    } catch (error) {
      session.finish(failureOf(error));
      return [];
    }
  };

  const run = async (leader: RunSession): Promise<void> => {
    try {
      const specification = await leader.plan(estimate.signal);
      await memory.refuseTooLarge(specification, estimate.signal);
      const planned = [{ session: leader, specification }, ...(await takeAlong(specification))];
      if (isKilled) return onEnd(endedByUs);
      const runs = planned.filter(({ session }) => !session.isOver()).flatMap(begin);
      if (runs.length === 0) return;
      patience.heard();
      job = startTrainerJob(spawnTrainer, { type: 'train', runs }, { onNews, onEnd });
      for (const [runId, type] of requested) job.send({ type, run: runId });
      await job.gone;
    } catch (error) {
      onEnd(isKilled ? endedByUs : failureOf(error));
    }
  };

  const gone = run(open(id));
  const endIfSilent = (): void => {
    const left = patience.left();
    if (left <= 0) return killAll();
    const timer = setAwakeTimeout(endIfSilent, left);
    void gone.then(() => timer.clear());
  };

  return {
    stop: (runId, how) => {
      requested.set(runId, how);
      job?.send({ type: how, run: runId });
    },
    kill: (runId) => {
      const session = sessions.get(runId);
      const isAlone = [...sessions.values()].every((other) => other === session || other.isOver());
      if (isAlone) return killAll();
      session?.finish(endedByUs);
      endAtOnce(runId);
    },
    killAll,
    endIfSilent,
    gone,
  };
};

const isOfStep = ({ name }: Metric): boolean => name === 'train/step_seconds';

const endedByUs: Died = {
  type: 'died',
  message: 'the workbench ended the trainer process, which had not stopped in time',
};

/** What the end of the process is to a run that has not told its own. */
const endOfAll = (end: JobEnd): RunEnd =>
  end.type === 'failed' || end.type === 'died'
    ? end
    : {
        type: 'failed',
        code: 'internal',
        message: `the trainer ended with "${end.type}" and did not say how this run did`,
      };
