import type { MemoryMode } from '../../autodiff/memory-mode.ts';
import type { Batch } from '../../data/batches/batch.ts';
import { objectiveOf } from '../../objectives/index.ts';
import type { DeviceName } from '../../runtime/device-names.ts';
import { devices } from '../../runtime/devices.ts';
import { createSession, type Session } from '../../runtime/session.ts';
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
import { gradientGraph, type BatchLimits } from '../model/loss-graph.ts';
import { noiseTensors, type NoiseDraw } from '../batch/noise.ts';
import type { TrainedModel } from '../model/trained-model.ts';

export interface BaseStepOptions extends TrainedModel, BatchLimits {
  readonly memory: MemoryMode;
  readonly labelSmoothing?: number | undefined;
  readonly neftuneAlpha?: number | undefined;
  readonly threads: number | null;
  readonly device: DeviceName;
  readonly profile?: string;
}

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
  }) => Promise<{ loss: number; gradients: BaseInputs }>;
  readonly traffic: Session['traffic'];
  readonly release: Session['release'];
}

export const createBaseStep = async (options: BaseStepOptions): Promise<BaseStep> => {
  const { threads, device, profile, model, neftuneAlpha = 0 } = options;
  const inputs = baseInputs(options);
  const trained = inputs.filter((input) => input.trained);
  const graph = gradientGraph(options, options);
  const session = await createSession(graph, {
    threads,
    device,
    residentOutputs: trained.map(({ name }) => gradientOf(name)),
    ...(profile === undefined ? {} : { profile }),
  });
  const { feeds } = objectiveOf(model.architecture);
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
  return {
    inputs,
    scalings: scalingsOf(options.adapter).nameOf,
    run: async ({ batch, folded, lossScale, noise, into }) => {
      const given = { ...feeds(batch, size), ...folded, loss_scale: scalarTensor(lossScale) };
      const drawn = { ...noise, neftuneAlpha, width: model.architecture.hiddenSize };
      const { read, resident } = await session.runResident(
        { ...given, ...noiseTensors(graph.inputs, given, drawn) },
        places(into),
      );
      const { loss, ...gradients } = { ...read, ...resident };
      return { loss: Number((loss as Tensor).data[0]), gradients };
    },
    traffic: session.traffic,
    release: session.release,
  };
};
