import type { TrainerEvent } from './protocol.ts';

const finalEvents = [
  'completed',
  'paused',
  'cancelled',
  'exported',
  'imported',
  'benched',
  'scored',
  'probed',
  'diagnosed',
  'estimated',
  'closed',
  'budgeted',
  'overlapped',
  'failed',
] as const;

/** An event after which a trainer has nothing more to say. */
export type FinalEvent = Extract<TrainerEvent, { type: (typeof finalEvents)[number] }>;

export const isFinalEvent = (event: TrainerEvent): event is FinalEvent =>
  (finalEvents as readonly string[]).includes(event.type);
