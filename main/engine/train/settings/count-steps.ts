import { rowsOfEpoch, tokensOf, type RowOptions } from '../../data/batches/rows.ts';
import { invalidInput } from '../../errors.ts';
import { mostEpochs, type LengthUnit, type RunLength } from './run-length.ts';

export interface CountingOptions extends RowOptions {
  /** The batch stream's. */
  readonly seed: number;
  /** Rows of an optimizer step: batch size times accumulated batches. */
  readonly rowsPerStep: number;
}

const stepsOfEpochs = (options: CountingOptions, epochs: number): number => {
  let rows = 0;
  for (let epoch = 0; epoch < epochs; epoch++) rows += rowsOfEpoch(options, options.seed, epoch).length;
  return Math.ceil(rows / options.rowsPerStep);
};

const stepsOfTokens = (options: CountingOptions, maxTokens: number): number => {
  // Every epoch has the same tokens, whatever the order: only the last has to be gone through.
  const perEpoch = tokensOf(options.examples);
  const whole = Math.ceil(maxTokens / perEpoch) - 1;
  if (whole >= mostEpochs)
    throw invalidInput(
      `training.maxTokens: ${maxTokens} tokens are ${whole + 1} epochs of ${perEpoch} tokens, at most ${mostEpochs} are possible`,
    );
  let rows = 0;
  for (let epoch = 0; epoch < whole; epoch++) rows += rowsOfEpoch(options, options.seed, epoch).length;
  let tokens = whole * perEpoch;
  for (const row of rowsOfEpoch(options, options.seed, whole)) {
    if (tokens >= maxTokens) break;
    tokens += tokensOf(row);
    rows++;
  }
  return Math.ceil(rows / options.rowsPerStep);
};

const counts: { readonly [U in LengthUnit]: (options: CountingOptions, count: number) => number } = {
  steps: (_, steps) => steps,
  epochs: stepsOfEpochs,
  maxTokens: stepsOfTokens,
};

/**
 * Optimizer steps of a run over these rows, exactly: the batch stream's order follows from its seed, so its rows are formed, epoch by
 * epoch, without a batch being made of them. A step takes `rowsPerStep` rows, across the border of two epochs too.
 * @throws WorkbenchError where so many tokens would take more than 10,000 epochs
 */
export const countSteps = ({ unit, count }: RunLength, options: CountingOptions): number =>
  counts[unit](options, count);
