import { z } from 'zod';

/**
 * The day that chat templates which ask for the date are told, unless an experiment names one: a fixed one, so that the same file gives the
 * same numbers on any day. It is the day that Llama 3's templates fall back to.
 */
export const standardDate = '2024-07-26';

/** A day as YYYY-MM-DD. */
export const dateSchema = z.iso.date('expected a day such as 2026-11-28');

/** As chat templates take it: midnight, by the UTC fields. */
export const dayOf = (date: string): Date => new Date(`${date}T00:00:00Z`);
