import type { Model } from '../../models/model.ts';
import { objectiveOf } from '../../objectives/index.ts';
import type { DeviceName } from '../../runtime/device-names.ts';
import { unwatched, type Profiler } from '../../runtime/profile/profiler.ts';
import type { BaseInputs } from '../../train/model/base-inputs.ts';
import { evaluationGraph, type BatchLimits } from '../../train/model/loss-graph.ts';
import type { TrainedModel } from '../../train/model/trained-model.ts';
import { lossesOf, predictedClasses } from './outputs.ts';
import type { SequenceOutcome } from './scored-sequence.ts';
import { assembleTrees, type RowToScore } from './tree-batch.ts';

export interface SequenceScorerOptions extends TrainedModel, Pick<BatchLimits, 'positions' | 'labels'> {
  readonly padId: number;
  readonly threads: number | null;
  readonly device: DeviceName;
  readonly profiler?: Profiler;
}

/** A compiled model that says how likely sequences are. Any subject whose base inputs have its shapes can be scored with it. */
export interface SequenceScorer {
  /**
   * @param folded what the base takes of the subject (`foldSubject`)
   * @returns of each row the outcome of each of its sequences
   */
  readonly score: (rows: readonly RowToScore[], folded: BaseInputs) => Promise<SequenceOutcome[][]>;
  readonly release: () => Promise<void>;
}

/** The limits that a graph for such batches needs. */
export const limitsOf = (
  batches: readonly (readonly RowToScore[])[],
): Pick<BatchLimits, 'positions' | 'labels'> => {
  const scoredIn = (batch: readonly RowToScore[]): number =>
    batch.flatMap(({ sequences }) => sequences).reduce((sum, { scored }) => sum + scored.length, 0);
  return {
    positions: batches.flat().reduce((most, { tree }) => Math.max(most, tree.tokens.length), 2),
    labels: batches.reduce((most, batch) => Math.max(most, scoredIn(batch)), 1),
  };
};

/** Whether a model's tokens look at nothing behind them, so that sequences may share their beginning. */
export const isCausal = ({ architecture }: Model): boolean => architecture.objective === 'next-token';

export const createSequenceScorer = async (options: SequenceScorerOptions): Promise<SequenceScorer> => {
  const { model, labels, padId, threads, device, profiler = unwatched } = options;
  const graph = evaluationGraph(options, { ...options, branching: true });
  const session = await profiler.session(graph, { threads, device });
  const { feeds } = objectiveOf(model.architecture);
  return {
    score: async (rows, folded) => {
      const { batch, scoredRows } = assembleTrees(rows, padId);
      const size = { labels, outputs: model.architecture.outputs };
      const outputs = await session.run({ ...feeds(batch, size), ...folded });
      const losses = lossesOf(outputs);
      const predicted = predictedClasses(model, outputs);
      return scoredRows.map((ofRow) =>
        ofRow.map((ofSequence) => ({
          logLikelihood: -ofSequence.reduce((sum, number) => sum + losses[number]!, 0),
          predicted: predicted?.[ofSequence[0]!] ?? null,
        })),
      );
    },
    release: session.release,
  };
};
