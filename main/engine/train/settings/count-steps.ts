import { rowsOfEpoch, type Batching } from '../../data/batches/batching.ts';
import { invalidInput } from '../../errors.ts';
import { mostEpochs, type CountedLength } from './run-length.ts';

export interface CountingOptions<Example> {
  /** The batch stream's, as the seed. */
  readonly examples: readonly Example[];
  readonly batching: Pick<Batching<Example>, 'formRows' | 'tokensOf'>;
  readonly seed: number;
  /** Rows of an optimizer step: batch size times accumulated batches. */
  readonly rowsPerStep: number;
}

const rowsOf = <Example>(
  { batching, examples, seed }: CountingOptions<Example>,
  epoch: number,
): readonly (readonly Example[])[] => rowsOfEpoch(batching, examples, seed, epoch);

const stepsOfEpochs = <Example>(options: CountingOptions<Example>, epochs: number): number => {
  let rows = 0;
  for (let epoch = 0; epoch < epochs; epoch++) rows += rowsOf(options, epoch).length;
  return Math.ceil(rows / options.rowsPerStep);
};

const stepsOfTokens = <Example>(options: CountingOptions<Example>, maxTokens: number): number => {
  const { tokensOf } = options.batching;
  // Every epoch has the same tokens, whatever the order: only the last has to be gone through.
  const perEpoch = tokensOf(options.examples);
  const whole = Math.ceil(maxTokens / perEpoch) - 1;
  if (whole >= mostEpochs)
    throw invalidInput(
      `training.maxTokens: ${maxTokens} tokens are ${whole + 1} epochs of ${perEpoch} tokens, at most ${mostEpochs} are possible`,
    );
  let rows = 0;
  for (let epoch = 0; epoch < whole; epoch++) rows += rowsOf(options, epoch).length;
  let tokens = whole * perEpoch;
  for (const row of rowsOf(options, whole)) {
    if (tokens >= maxTokens) break;
    tokens += tokensOf(row);
    rows++;
  }
  return Math.ceil(rows / options.rowsPerStep);
};

const counts: {
  readonly [U in CountedLength['unit']]: <Example>(
    options: CountingOptions<Example>,
    count: number,
  ) => number;
} = {
  steps: (_, steps) => steps,
  epochs: stepsOfEpochs,
  maxTokens: stepsOfTokens,
};

/**
 * Optimizer steps of a run over these rows, exactly: the batch stream's order follows from its seed, so its rows are formed, epoch by
 * epoch, without a batch being made of them. A step takes `rowsPerStep` rows, across the border of two epochs too.
 * @throws WorkbenchError where so many tokens would take more than 10,000 epochs
 */
export const countSteps = <Example>(
  { unit, count }: CountedLength,
  options: CountingOptions<Example>,
): number => counts[unit](options, count);
