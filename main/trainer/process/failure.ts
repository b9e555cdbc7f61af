import { WorkbenchError } from '../../engine/errors.ts';
import { explainError } from '../../engine/formats/explain-error.ts';
import type { TrainerEvent } from '../protocol/protocol.ts';

/** Characters of a library's own words that are kept: what it says first is what went wrong. */
const mostRaw = 4000;

/** An error in one line for the parent; a defect goes to stderr with its stack too. */
export const failureOf = (error: unknown): Extract<TrainerEvent, { type: 'failed' }> => {
  if (!(error instanceof WorkbenchError)) console.error(error);
  const { code, message, cause } = explainError(error);
  const raw = cause instanceof Error ? cause.message.slice(0, mostRaw) : undefined;
  const isTold = raw === undefined || message.includes(raw);
  return { type: 'failed', code, message, ...(!isTold && { raw }) };
};
