import { lengthOf } from '../../../../main/api/contract.ts';
import type { Dataset, TrainingSettings } from '../../../../main/api/contract.ts';

interface Run {
  readonly training: TrainingSettings;
  readonly validationFraction: number;
}

/** Evaluations of a run, besides the one before it. */
const evaluations = 10;

/** Rows that are packed into one, where nobody has looked: too many rather than too few, or nothing would be evaluated in between. */
const rowsPacked = 8;

/** Steps that a run is expected to take, at least; exact where they are given. */
const expectedSteps = ({ training, validationFraction }: Run, dataset: Dataset | undefined): number => {
  const { batchSize, gradientAccumulation, sequenceLength, packing } = training;
  const { unit, count } = lengthOf(training);
  const rowsOfStep = batchSize * gradientAccumulation * (packing ? rowsPacked : 1);
  switch (unit) {
    case 'steps':
      return count;
    case 'epochs': {
      const kept = dataset?.validationFile === null ? 1 - validationFraction : 1;
      return (count * kept * (dataset?.trainRows ?? 0)) / rowsOfStep;
    }
    case 'maxTokens':
      return count / (batchSize * gradientAccumulation * sequenceLength);
    case 'stepsPerShot': {
      const shots = training.pictures?.shots ?? 'all';
      return shots === 'all' ? Number.NaN : count * shots;
    }
  }
};

/** Every so many steps: about a tenth of the run, so that there is a curve and not only two points. */
export const usualInterval = (run: Run, dataset: Dataset | undefined): number => {
  const steps = expectedSteps(run, dataset);
  return Number.isFinite(steps) ? Math.max(1, Math.round(steps / evaluations)) : 1;
};
