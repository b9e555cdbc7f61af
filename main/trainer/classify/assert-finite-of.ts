import { WorkbenchError } from '../../engine/errors.ts';

/** @throws WorkbenchError where what an arm computed is no number: it diverged, or its weights overflow */
export const assertFiniteOf = (values: Float32Array, arm: number): void => {
  if (values.every(Number.isFinite)) return;
  throw new WorkbenchError(
    'unsupported',
    `the ${arm + 1}. of those that were asked gives no numbers: it has diverged, or its weights overflow; leave it out`,
  );
};
