import { WorkbenchError } from '../../engine/errors.ts';
import { explainError } from '../../engine/formats/explain-error.ts';
import type { TrainerEvent } from '../protocol/protocol.ts';

/** An error in one line for the parent; a defect goes to stderr with its stack too. */
export const failureOf = (error: unknown): Extract<TrainerEvent, { type: 'failed' }> => {
  if (!(error instanceof WorkbenchError)) console.error(error);
  const { code, message } = explainError(error);
  return { type: 'failed', code, message };
};
