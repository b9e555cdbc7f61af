import { join } from 'node:path';
import { multiply } from '../../../main/engine/linear-algebra/matrix.ts';
import type { Model } from '../../../main/engine/models/model.ts';
import { activationScale, awsvd } from '../../../main/engine/init/awsvd.ts';
import { calibrate } from '../../../main/engine/init/calibration.ts';
import { readLayerWeight } from '../../../main/engine/models/weights/model-weights.ts';
import { createSession } from '../../../main/engine/runtime/session.ts';
import { vectorTensor } from '../../../main/engine/train/batch/tensors.ts';
import { logitsGraph } from '../../../main/engine/train/model/loss-graph.ts';
import {
  initialParameters,
  trainedLayout,
  type TrainedModel,
} from '../../../main/engine/train/model/trained-model.ts';
import { createTrainer } from '../../../main/engine/train/trainer.ts';
import { goldenMethods, readExpected, readSingleTensor, type GoldenAdapter } from './golden-folder.ts';
import type { Batch } from '../../../main/engine/data/batches/batch.ts';
import { objectiveOf } from '../../../main/engine/objectives/index.ts';
import { readRun } from './golden-run.ts';
import { gradientBetween, gradientError, gradientStep, readGradients } from './gradients.ts';

const threads = 2;

/** Largest errors of one case. Absolute for logits, relative for the others. */
export interface CaseErrors {
  /** Base model's logits, batch 0. */
  readonly logits: number;
  readonly losses: number;
  readonly gradientNorms: number;
  /** Of single gradients at one step, in units of the largest of their tensor; null where the reference keeps none. */
  readonly gradients: number | null;
  /** Logits with the adapter we trained, batch 0. */
  readonly finalLogits: number;
  /** B A of our own AwSVD against the reference's, in the Frobenius norm; null for methods without a decomposition. */
  readonly decomposition: number | null;
  /** Trained parameters, minus the reference's. */
  readonly trainable: number;
}

/** A faithful float32 engine stays inside: the reference's own rounding against float64 is a fraction of it. */
export const tolerances: { readonly [E in keyof CaseErrors]: number } = {
  logits: 5e-5,
  losses: 2e-5,
  gradientNorms: 1e-4,
  gradients: 5e-5,
  finalLogits: 3e-4,
  decomposition: 1e-3,
  trainable: 0,
};

const largest = (values: Iterable<number>): number => {
  let worst = 0;
  for (const value of values) worst = Number.isNaN(value) ? Infinity : Math.max(worst, Math.abs(value));
  return worst;
};

const absoluteError = (own: Float32Array, reference: Float32Array): number => {
  if (own.length !== reference.length) return Infinity;
  return largest(own.map((value, at) => value - (reference[at] as number)));
};

const logitsOf = async (
  trained: TrainedModel,
  batch: Batch,
  parameters?: Float32Array,
): Promise<Float32Array> => {
  const layout = trainedLayout(trained);
  const session = await createSession(logitsGraph(trained, layout, batch.sequence), { threads });
  const packed =
    layout.total === 0 ? {} : { parameters: vectorTensor(parameters ?? initialParameters(trained, layout)) };
  const { feeds } = objectiveOf(trained.model.architecture).scored;
  const outputs = await session.run({ ...feeds(batch), ...packed });
  await session.release();
  return outputs['logits']!.data as Float32Array;
};

const decompositionError = async (
  model: Model,
  batches: readonly Batch[],
  { settings, start, scaleFloor }: GoldenAdapter,
): Promise<number | null> => {
  if (settings.method !== 'nora' || settings.activationMatrix.kind !== 'mean-absolute') return null;
  const { exponent } = settings.activationMatrix;
  const positions = Math.max(...batches.map(({ sequence }) => sequence));
  const statistics = await calibrate({ model, layers: start.layers, batches, positions, threads });
  return largest(
    start.layers.map((layer) => {
      const { module, outFeatures, inFeatures } = layer;
      const rank = Number(settings.outerRank);
      const scale = activationScale(statistics.get(module)!['mean-absolute']!, exponent, scaleFloor);
      const own = awsvd({
        weight: readLayerWeight(model, layer),
        outFeatures,
        inFeatures,
        scale,
        rank,
        split: 'b',
      });
      const product = (b: Float32Array, a: Float32Array): Float64Array =>
        multiply({ rows: outFeatures, columns: rank, data: b }, { rows: rank, columns: inFeatures, data: a })
          .data;
      const reference = product(start.values.get(`${module}.lora_B`)!, start.values.get(`${module}.lora_A`)!);
      const difference = product(own.b, own.a).map((value, at) => value - reference[at]!);
      return Math.hypot(...difference) / Math.hypot(...reference);
    }),
  );
};

/**
 * Trains as the reference did and measures how far every number is from it.
 *
 * @param others folders of the same architecture, for gradients that the case's own folder lacks
 */
export const runCase = async (
  folder: string,
  method: string,
  others: readonly string[] = [],
): Promise<CaseErrors> => {
  const { model, batches } = readRun(folder, method);
  const expected = readExpected(folder);
  const reference = expected.methods[method]!;
  const golden = await goldenMethods[method]!(join(folder, method), model);
  const { optimizer } = expected;
  const trained: TrainedModel = { model, adapter: golden.start, trainedWeights: [] };
  const trainer = await createTrainer({
    ...trained,
    positions: Math.max(...batches.map(({ sequence }) => sequence)),
    labels: Math.max(...batches.map(({ scored }) => scored)),
    memory: 'fast',
    optimizer: {
      beta1: optimizer.betas[0],
      beta2: optimizer.betas[1],
      epsilon: optimizer.eps,
      weightDecay: optimizer.weight_decay,
      maxGradientNorm: expected.clip_grad_norm,
    },
    totalSteps: reference.losses.length,
    gradientAccumulation: 1,
    threads,
  });
  const losses: number[] = [];
  const gradientNorms: number[] = [];
  const referenceGradients = readGradients([folder, ...others], method);
  let gradients: number | null = null;
  for (const [index, loss] of reference.losses.entries()) {
    const before = index === gradientStep && referenceGradients ? await trainer.state() : null;
    const step = await trainer.step([batches[index % batches.length]!], optimizer.lr);
    if (before && referenceGradients) {
      const after = await trainer.state();
      const taken = gradientBetween(before.firstMoment, after.firstMoment, optimizer.betas[0]);
      gradients = gradientError(trainer.layout, taken, referenceGradients);
    }
    losses.push(step.loss / loss - 1);
    gradientNorms.push(step.gradientNorm / reference.grad_norms[index]! - 1);
  }
  const { parameters } = await trainer.state();
  await trainer.release();
  const base = await logitsOf({ model, adapter: null, trainedWeights: [] }, batches[0]!);
  const final = await logitsOf(trained, batches[0]!, parameters);
  return {
    logits: absoluteError(base, readSingleTensor(join(folder, 'logits.safetensors'))),
    losses: largest(losses),
    gradientNorms: largest(gradientNorms),
    gradients,
    finalLogits: absoluteError(final, readSingleTensor(join(folder, method, 'final_logits.safetensors'))),
    decomposition: await decompositionError(model, batches, golden),
    trainable: trainer.layout.total - reference.trainable,
  };
};

/** The names of the errors outside their tolerances. */
export const failuresOf = (errors: CaseErrors): string[] =>
  (Object.keys(tolerances) as (keyof CaseErrors)[]).filter(
    (name) => errors[name] !== null && !(Math.abs(errors[name]) <= tolerances[name]),
  );
