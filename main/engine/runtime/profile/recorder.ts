import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Extents } from '../../graph/dimension.ts';
import type { Graph } from '../../graph/graph.ts';
import { extentsOf } from '../../graph/input-extents.ts';
import { createSession, type Feed, type Session } from '../session.ts';
import type { Profiler } from './profiler.ts';

/** A run of a session, as it was seen from outside. */
export interface RecordedRun {
  /** The step that it was a part of; undefined outside of steps. */
  readonly step: number | undefined;
  readonly extents: Extents;
}

export interface RecordedSession {
  readonly graph: Graph;
  /** In their order. */
  readonly runs: readonly RecordedRun[];
  /** ONNX Runtime's profile, whole once the session is released. */
  readonly file: () => string;
}

export interface RecordedStep {
  readonly seconds: number;
  /** What its parts took by name, without what was done within them for others; together they are the step. */
  readonly spans: ReadonlyMap<string, number>;
}

/** Writes down what steps are spent on. */
export interface Recorder extends Profiler {
  /** Does the work of a step. */
  readonly step: <T>(work: () => Promise<T>) => Promise<T>;
  /** Within the work of a step: the step is over, and what is left of the work is the next one. @throws Error within a span */
  readonly nextStep: () => void;
  readonly steps: readonly RecordedStep[];
  /** Their files are there once they are released. */
  readonly sessions: readonly RecordedSession[];
}

/** The spans that every step has. */
export const spanNames = { rest: 'JavaScript', calls: 'session calls' } as const;

interface Frame {
  started: number;
  /** Seconds that frames within it took. */
  within: number;
}

const seconds = (): number => performance.now() / 1000;

/** @param folder for ONNX Runtime's files, which belong to whoever made the folder */
export const createRecorder = (folder: string): Recorder => {
  const steps: RecordedStep[] = [];
  const sessions: RecordedSession[] = [];
  const frames: Frame[] = [];
  let spans: Map<string, number> | undefined;

  const span = async <T>(name: string, work: () => Promise<T> | T): Promise<T> => {
    const frame: Frame = { started: seconds(), within: 0 };
    frames.push(frame);
    try {
      return await work();
    } finally {
      frames.pop();
      const taken = seconds() - frame.started;
      const outer = frames.at(-1);
      if (outer) outer.within += taken;
      spans?.set(name, (spans.get(name) ?? 0) + taken - frame.within);
    }
  };

  const watch = (session: Session, prefix: string): Session => {
    const { graph } = session;
    const runs: RecordedRun[] = [];
    const file = (): string =>
      join(folder, readdirSync(folder).find((one) => one.startsWith(`${prefix}_`)) ?? `${prefix}_`);
    sessions.push({ graph, runs, file });
    const recorded =
      <Result>(
        run: (inputs: Readonly<Record<string, Feed>>, into?: Parameters<Session['run']>[1]) => Result,
      ) =>
      (...[inputs, into]: Parameters<typeof run>): Result => {
        const extents = extentsOf(graph.inputs, (name) => inputs[name]?.shape);
        runs.push({ step: spans && steps.length, extents });
        return run(inputs, into);
      };
    return {
      ...session,
      run: (inputs, into) => span(spanNames.calls, () => recorded(session.run)(inputs, into)),
      runResident: (inputs, into) => span(spanNames.calls, () => recorded(session.runResident)(inputs, into)),
    };
  };

  const end = (own: Map<string, number>): void => {
    steps.push({ seconds: own.values().reduce((sum, taken) => sum + taken, 0), spans: own });
  };

  return {
    steps,
    sessions,
    span,
    nextStep: () => {
      const [frame] = frames;
      if (!spans || !frame || frames.length > 1) throw new Error('a step ends in the midst of its work');
      const now = seconds();
      spans.set(spanNames.rest, now - frame.started - frame.within);
      end(spans);
      spans = new Map();
      Object.assign(frame, { started: now, within: 0 });
    },
    session: async (graph, options) => {
      const prefix = `profile-${sessions.length}`;
      return watch(await createSession(graph, { ...options, profile: join(folder, prefix) }), prefix);
    },
    step: async (work) => {
      spans = new Map();
      try {
        return await span(spanNames.rest, work);
      } finally {
        end(spans);
        spans = undefined;
      }
    },
  };
};
