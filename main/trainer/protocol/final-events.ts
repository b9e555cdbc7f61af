import type { RunEvent, TrainerEvent } from './protocol.ts';

const finalEvents = [
  'trained',
  'cancelled',
  'exported',
  'imported',
  'benched',
  'decoding-benched',
  'scored',
  'fidelity',
  'probed',
  'diagnosed',
  'decomposed',
  'combined',
  'estimated',
  'closed',
  'budgeted',
  'overlapped',
  'surveyed',
  'failed',
] as const;

/** An event after which a trainer has nothing more to say. */
export type FinalEvent = Extract<TrainerEvent, { type: (typeof finalEvents)[number] }>;

export const isFinalEvent = (event: TrainerEvent): event is FinalEvent =>
  (finalEvents as readonly string[]).includes(event.type);

const runEnds = ['completed', 'paused', 'cancelled', 'failed'] as const;

/** An event after which a trainer has nothing more to say of a run. */
export type RunEndEvent = Extract<RunEvent, { type: (typeof runEnds)[number] }>;

export const isRunEnd = (event: RunEvent): event is RunEndEvent =>
  (runEnds as readonly string[]).includes(event.type);
