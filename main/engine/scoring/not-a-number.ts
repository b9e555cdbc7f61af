import { WorkbenchError } from '../errors.ts';

/** @throws WorkbenchError naming the row whose score is no number: of a model that diverged, or overflows */
export const assertNumbers = (values: readonly number[], item: number): void => {
  if (values.every(Number.isFinite)) return;
  throw new WorkbenchError(
    'unsupported',
    `row ${item + 1}: the log-likelihood is not a number, so the model has diverged or its weights overflow`,
  );
};
