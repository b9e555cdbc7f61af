import type { Graph } from '../../graph/graph.ts';
import { createSession, type Session, type SessionOptions } from '../session.ts';

/** Whoever makes the parts of a step asks it for sessions, and tells it what else is done, and so may be watched. */
export interface Profiler {
  /** As `createSession`. */
  readonly session: (graph: Graph, options: Omit<SessionOptions, 'profile'>) => Promise<Session>;
  /** Does the work; what it takes besides the work of sessions and of spans within it counts under this name. */
  readonly span: <T>(name: string, work: () => Promise<T> | T) => Promise<T>;
}

/** Nobody watches. */
export const unwatched: Profiler = {
  session: createSession,
  span: async (_, work) => work(),
};
