import type { Batch } from '../../data/batches/batch.ts';
import { towersOf } from '../../models/compared-model.ts';
import { objectiveOf } from '../../objectives/index.ts';
import { devices } from '../../runtime/devices.ts';
import { unwatched } from '../../runtime/profile/profiler.ts';
import { addTraffic, type Session } from '../../runtime/session.ts';
import type { Tensor } from '../../tensor.ts';
import {
  type BaseInput,
  type BaseInputs,
  type Scalings,
  baseInputs,
  gradientOf,
  scalingsOf,
} from '../model/base-inputs.ts';
import { emptyTensor, scalarTensor } from '../batch/tensors.ts';
import { besideTexts, sharedEmbeddings } from '../model/shared-texts.ts';
import { gradientGraph } from '../model/loss-graph.ts';
import { noiseTensors, type NoiseDraw } from '../batch/noise.ts';
import { createSharedTexts, type SharedTexts, type StepTexts } from './share-texts.ts';
import type { BaseStepOptions } from './base-step-options.ts';
import { createBatchComparison, type BatchComparison } from './compare-batches.ts';

/**
 * The base model's part of a step, compiled: forward, backward, the loss. It knows of an adapter only the shapes of its sides, so
 * arms that agree on them train side by side on one copy of the weights and of all that is computed on the way.
 */
export interface BaseStep {
  readonly inputs: readonly BaseInput[];
  /** Which scalar input multiplies which layer's delta. */
  readonly scalings: Scalings['nameOf'];
  /**
   * The loss times `lossScale`, and the gradients by the base inputs under `gradientOf` their names: in main memory in `into`, or
   * where that has no place for them, in buffers that the next run writes again.
   */
  readonly run: (step: {
    readonly batch: Batch;
    readonly folded: BaseInputs;
    readonly lossScale: number;
    readonly noise: NoiseDraw;
    readonly into: Readonly<Record<string, Tensor>>;
    /** Of the batch, from `compare`: with them the loss that comes back says nothing. */
    readonly slopes?: Readonly<Record<string, Tensor>> | undefined;
    /** Of the step, from `texts`: the gradient by them goes there. */
    readonly texts?: StepTexts | undefined;
  }) => Promise<{ loss: number; gradients: BaseInputs }>;
  /** What comes before `run` where a loss compares the rows of all micro-batches of a step; null elsewhere. */
  readonly compare: BatchComparison['run'] | null;
  /** What comes before and behind the runs of a step whose micro-batches have the same trained texts; null elsewhere. */
  readonly texts: SharedTexts['begin'] | null;
  readonly traffic: Session['traffic'];
  readonly release: Session['release'];
}

export const createBaseStep = async (options: BaseStepOptions): Promise<BaseStep> => {
  const { threads, device, model, neftuneAlpha = 0, accumulates = false, profiler = unwatched } = options;
  const inputs = baseInputs(options);
  const trained = inputs.filter((input) => input.trained);
  const { feeds, scored, splits, comparison: known = null } = objectiveOf(model.architecture);
  const comparison = accumulates && !splits ? known : null;
  const sharesTexts = encodesTextsOnce(options);
  const ofBatches = sharesTexts ? besideTexts(options) : options;
  const graph = gradientGraph(ofBatches, { ...ofBatches, comparison });
  const comparer = comparison && (await createBatchComparison(options, comparison));
  const residentOutputs = trained.map(({ name }) => gradientOf(name));
  const session = await profiler.session(graph, { threads, device, residentOutputs });
  const size = { labels: options.labels, outputs: model.architecture.outputs };
  const buffers = new Map<string, Tensor>();
  const bufferFor = ({ name, shape }: BaseInput): Tensor => {
    const buffer = buffers.get(name) ?? emptyTensor(shape);
    buffers.set(name, buffer);
    return buffer;
  };
  const places = (into: Readonly<Record<string, Tensor>>): Record<string, Tensor> =>
    devices[device].resident
      ? {}
      : Object.fromEntries(
          trained.map((input) => {
            const name = gradientOf(input.name);
            return [name, into[name] ?? bufferFor(input)];
          }),
        );
  const texts = sharesTexts ? await createSharedTexts(options, residentOutputs, places) : null;
  const taken = new Set(graph.inputs.map(({ name }) => name));
  const before = [comparer, texts].filter((one) => one !== null);
  return {
    inputs,
    scalings: scalingsOf(options.adapter).nameOf,
    compare: comparer && comparer.run,
    texts: texts && texts.begin,
    run: async ({ batch, folded, lossScale, noise, into, slopes, texts: ofStep }) => {
      const whole = slopes ? { ...scored.feeds(batch), ...slopes } : feeds(batch, size);
      const ofBatch = ofStep ? withoutTexts(whole, taken, ofStep.embeddings) : whole;
      const given = { ...ofBatch, ...folded, loss_scale: scalarTensor(lossScale) };
      const drawn = { ...noise, neftuneAlpha, width: model.architecture.hiddenSize };
      const { read, resident } = await session.runResident(
        { ...given, ...noiseTensors(graph.inputs, given, drawn) },
        places(into),
      );
      const { loss, [gradientOf(sharedEmbeddings)]: slope, ...gradients } = { ...read, ...resident };
      if (slope !== undefined) ofStep?.add(slope as Tensor);
      return { loss: Number((loss as Tensor).data[0]), gradients };
    },
    traffic: () => [session, ...before].map((one) => one.traffic()).reduce(addTraffic),
    release: async () => {
      for (const one of before) await one.release();
      await session.release();
    },
  };
};

/** Whether the texts of a step's micro-batches are the same, and something of their tower is trained: where it is not, their embeddings are given. */
export const encodesTextsOnce = ({
  model,
  accumulates = false,
}: Pick<BaseStepOptions, 'model' | 'accumulates'>): boolean =>
  accumulates &&
  objectiveOf(model.architecture).sharesTexts === true &&
  towersOf(model.architecture).texts.input === null;

const withoutTexts = (
  feeds: Readonly<Record<string, Tensor>>,
  taken: ReadonlySet<string>,
  embeddings: Tensor,
): Record<string, Tensor> => ({
  ...Object.fromEntries(Object.entries(feeds).filter(([name]) => taken.has(name))),
  [sharedEmbeddings]: embeddings,
});
