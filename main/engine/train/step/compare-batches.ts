import type { Batch } from '../../data/batches/batch.ts';
import { objectiveOf } from '../../objectives/index.ts';
import type { Comparison } from '../../objectives/objective.ts';
import { unwatched } from '../../runtime/profile/profiler.ts';
import { addTraffic, type Session } from '../../runtime/session.ts';
import type { Tensor } from '../../tensor.ts';
import { noiseTensors, type NoiseDraw } from '../batch/noise.ts';
import { scalarTensor } from '../batch/tensors.ts';
import type { BaseInputs } from '../model/base-inputs.ts';
import { comparedNames, comparisonGraph } from '../model/comparison-graphs.ts';
import { comparedGraph } from '../model/loss-graph.ts';
import type { BaseStepOptions } from './base-step-options.ts';

/** A step whose loss compares the rows of all its micro-batches. */
export interface ComparedStep {
  /** Of the step, scaled. */
  readonly loss: number;
  /** For each micro-batch, the gradient by what is compared of it: what the base's gradient graph takes. */
  readonly slopes: readonly Readonly<Record<string, Tensor>>[];
}

export interface BatchComparison extends Pick<Session, 'traffic' | 'release'> {
  readonly run: (step: {
    readonly batches: readonly Batch[];
    readonly folded: BaseInputs;
    readonly noise: (index: number) => NoiseDraw;
  }) => Promise<ComparedStep>;
}

/** Rows of all micro-batches, one after the other. */
const joined = (parts: readonly Tensor[]): Tensor => {
  const [{ shape }] = parts as readonly [Tensor, ...Tensor[]];
  const rows = parts.reduce((sum, part) => sum + part.shape[0]!, 0);
  const data = new Float32Array(parts.reduce((sum, part) => sum + part.data.length, 0));
  let at = 0;
  for (const part of parts) {
    data.set(part.data as Float32Array, at);
    at += part.data.length;
  }
  return { shape: [rows, ...shape.slice(1)], data };
};

/** The gradient by the rows of each part, from that by all of them. */
const apart = ({ data, shape }: Tensor, parts: readonly Tensor[]): Tensor[] => {
  const width = shape[1]!;
  let row = 0;
  return parts.map((part) => {
    const rows = part.shape[0]!;
    const own = (data as Float32Array).slice(row * width, (row + rows) * width);
    row += rows;
    return { shape: [rows, width], data: own };
  });
};

/**
 * The first two passes of a step in micro-batches whose loss is no sum over them (gradient caching, Gao et al., arXiv 2101.06983): what is
 * compared of each micro-batch, without gradients; then the loss on all of it, and its gradient by each row. The third is the base's own, with
 * the same dropout and noise, since those are drawn from numbers without a state.
 */
export const createBatchComparison = async (
  options: BaseStepOptions,
  comparison: Comparison,
): Promise<BatchComparison> => {
  const { threads, device, model, neftuneAlpha = 0, profiler = unwatched } = options;
  const graph = comparedGraph(options, options, comparison);
  const encoder = await profiler.session(graph, { threads, device });
  const comparer = await profiler.session(comparisonGraph(comparison, graph), { threads, device });
  const { scored } = objectiveOf(model.architecture);
  const names = Object.keys(comparison.extents);
  const drawn = { neftuneAlpha, width: model.architecture.hiddenSize };
  return {
    run: async ({ batches, folded, noise }) => {
      const parts: Record<string, Tensor>[] = [];
      for (const [index, batch] of batches.entries()) {
        const given = { ...scored.feeds(batch), ...folded };
        const random = noiseTensors(graph.inputs, given, { ...noise(index), ...drawn });
        parts.push(await encoder.run({ ...given, ...random }));
      }
      const partsOf = (name: string): Tensor[] => parts.map((part) => part[comparedNames(name).rows]!);
      const rows = names.map((name) => [comparedNames(name).rows, joined(partsOf(name))] as const);
      const total = batches.reduce((sum, batch) => sum + batch.scored, 0);
      const { loss, ...slopes } = await comparer.run({
        ...Object.fromEntries(rows),
        ...comparison.feeds(total),
        loss_scale: scalarTensor(1 / total),
      });
      const bySide = names.map((name) => {
        const { slope } = comparedNames(name);
        return [slope, apart(slopes[slope]!, partsOf(name))] as const;
      });
      return {
        loss: Number(loss!.data[0]),
        slopes: batches.map((_, index) =>
          Object.fromEntries(bySide.map(([slope, own]) => [slope, own[index]!])),
        ),
      };
    },
    traffic: () => addTraffic(encoder.traffic(), comparer.traffic()),
    release: async () => {
      await encoder.release();
      await comparer.release();
    },
  };
};
