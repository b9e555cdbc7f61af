import type { Batching } from '../../data/batches/batching.ts';
import { tokenBatching } from '../../data/batches/token-batching.ts';
import type { Example } from '../../data/examples/examples.ts';
import type { Model } from '../../models/model.ts';
import { objectiveOf } from '../../objectives/index.ts';
import { labelInputs } from '../../objectives/scored-rows/label-chunks.ts';
import type { DeviceName } from '../../runtime/device-names.ts';
import { createSession } from '../../runtime/session.ts';
import type { Tensor } from '../../tensor.ts';
import type { BaseInputs } from '../../train/model/base-inputs.ts';
import { evaluationGraph, type BatchLimits } from '../../train/model/loss-graph.ts';
import type { TrainedModel } from '../../train/model/trained-model.ts';
import type { ScoredSequence, SequenceOutcome } from './scored-sequence.ts';

export interface SequenceScorerOptions extends TrainedModel, BatchLimits {
  readonly padId: number;
  readonly threads: number | null;
  readonly device: DeviceName;
}

/** A compiled model that says how likely sequences are. Any subject whose base inputs have its shapes can be scored with it. */
export interface SequenceScorer {
  /** @param folded what the base takes of the subject (`foldSubject`) */
  readonly score: (sequences: readonly ScoredSequence[], folded: BaseInputs) => Promise<SequenceOutcome[]>;
  readonly release: () => Promise<void>;
}

/** The limits that a graph for such batches needs. */
export const limitsOf = (batches: readonly (readonly ScoredSequence[])[]): BatchLimits => ({
  positions: Math.max(2, ...batches.flat().map(({ inputIds }) => inputIds.length)),
  labels: Math.max(1, ...batches.map((batch) => batch.reduce((sum, { scored }) => sum + scored.length, 0))),
});

export const createSequenceScorer = async (options: SequenceScorerOptions): Promise<SequenceScorer> => {
  const { model, positions, labels, padId, threads, device } = options;
  const session = await createSession(evaluationGraph(options, options), { threads, device });
  const batching = batchingOf(positions, padId);
  const { feeds } = objectiveOf(model.architecture);
  return {
    score: async (sequences, folded) => {
      const batch = batching.assemble(sequences.map((sequence) => [sequence]));
      const size = { labels, outputs: model.architecture.outputs };
      const outputs = await session.run({ ...feeds(batch, size), ...folded });
      const losses = join(outputs, 'losses');
      const predicted = predictedClasses(model, outputs);
      let row = 0;
      return sequences.map(({ scored }) => {
        const first = row;
        row += scored.length;
        const loss = losses.subarray(first, row).reduce((sum, value) => sum + value, 0);
        return { logLikelihood: -loss, predicted: predicted?.[first] ?? null };
      });
    },
    release: session.release,
  };
};

const batchingOf = (sequenceLength: number, padId: number): Batching<Example> =>
  tokenBatching({
    sequenceLength,
    packing: false,
    padId,
    scored: (example) => (example as ScoredSequence).scored,
  });

type Outputs = Readonly<Record<string, Tensor>>;

/** The chunks of an output, in the order of the scored rows; sums over it are taken in doubles. */
const join = (outputs: Outputs, kind: 'losses' | 'logits'): Float64Array => {
  const parts: Tensor[] = [];
  for (let chunk = 0; ; chunk++) {
    const part = outputs[labelInputs(chunk)[kind]];
    if (part === undefined) break;
    parts.push(part);
  }
  return Float64Array.from(parts.flatMap(({ data }) => Array.from(data, Number)));
};

/** The first of several largest, as in torch's argmax; undefined for models that predict tokens. */
const predictedClasses = ({ architecture }: Model, outputs: Outputs): number[] | undefined => {
  if (outputs[labelInputs(0).logits] === undefined) return undefined;
  const logits = join(outputs, 'logits');
  const classes = architecture.outputs;
  return Array.from({ length: logits.length / classes }, (_, row) => {
    const scores = logits.subarray(row * classes, (row + 1) * classes);
    return scores.indexOf(Math.max(...scores));
  });
};
