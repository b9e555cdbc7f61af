import type { TrainerEvent } from './protocol.ts';

const lastWords = [
  'completed',
  'paused',
  'cancelled',
  'exported',
  'imported',
  'benched',
  'probed',
  'estimated',
  'failed',
] as const;

/** An event after which a trainer has nothing more to say. */
export type LastWord = Extract<TrainerEvent, { type: (typeof lastWords)[number] }>;

export const isLastWord = (event: TrainerEvent): event is LastWord =>
  (lastWords as readonly string[]).includes(event.type);
