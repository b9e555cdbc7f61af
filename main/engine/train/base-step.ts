import type { Batch } from '../data/batches.ts';
import type { DeviceName } from '../runtime/device-names.ts';
import { devices } from '../runtime/devices.ts';
import { createSession, type Session, type Tensor } from '../runtime/session.ts';
import { baseInputs, type BaseInput, type BaseInputs } from './base-inputs.ts';
import { lossTensors, scalarTensor } from './batch-inputs.ts';
import { gradientOf } from './fold-graphs.ts';
import { labelChunks } from './label-chunks.ts';
import { gradientGraph, type BatchLimits, type MemoryMode } from './loss-graph.ts';
import type { TrainedModel } from './trained-model.ts';

export interface BaseStepOptions extends TrainedModel, BatchLimits {
  readonly memory: MemoryMode;
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
  /** The loss times `lossScale`, and the gradients by the base inputs under `gradientOf` their names: good until the next run. */
  readonly run: (step: {
    readonly batch: Batch;
    readonly folded: BaseInputs;
    readonly lossScale: number;
  }) => Promise<{ loss: number; gradients: BaseInputs }>;
  readonly traffic: Session['traffic'];
  readonly release: Session['release'];
}

export const createBaseStep = async (options: BaseStepOptions): Promise<BaseStep> => {
  const { threads, device, profile } = options;
  const inputs = baseInputs(options);
  const names = inputs.map(({ name }) => gradientOf(name));
  const session = await createSession(gradientGraph(options, options), {
    threads,
    device,
    residentOutputs: names,
    ...(profile === undefined ? {} : { profile }),
  });
  const chunks = labelChunks(options.labels, options.model.architecture.vocabularySize);
  const buffers = mainMemoryFor(device, inputs, gradientOf);
  return {
    inputs,
    run: async ({ batch, folded, lossScale }) => {
      const { read, resident } = await session.runResident(
        { ...lossTensors(batch, chunks), ...folded, loss_scale: scalarTensor(lossScale) },
        buffers,
      );
      const { loss, ...gradients } = { ...read, ...resident };
      return { loss: Number((loss as Tensor).data[0]), gradients };
    },
    traffic: session.traffic,
    release: session.release,
  };
};

/** A tensor for each of the base inputs to be written at every step; none where they stay on a device, new each time. */
export const mainMemoryFor = (
  device: DeviceName,
  inputs: readonly BaseInput[],
  nameOf: (name: string) => string = (name) => name,
): Record<string, Tensor> =>
  devices[device].resident
    ? {}
    : Object.fromEntries(
        inputs.map(({ name, shape }) => [
          nameOf(name),
          { shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) },
        ]),
      );
