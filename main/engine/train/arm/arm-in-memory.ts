import { factorKey, factorShape, layerAdapter, type Factor } from '../../adapters/layer/layer-adapter.ts';
import type { ParameterSlot } from '../../optim/parameter-layout.ts';
import type { Tensor } from '../../tensor.ts';
import type { Arm, ArmOptions } from './arm.ts';
import { gradientOf, sideNames } from '../model/base-inputs.ts';
import { sides, singleFactor } from '../step/layer-fold.ts';
import { createRules } from '../rules/index.ts';
import { gradientScale } from '../step/update-scalars.ts';
import { createProductSides, type TrainedFactors } from '../step/product-sides.ts';
import type { AdapterState, TrainedModel } from '../model/trained-model.ts';
import { createUpdateInPlace } from './update-in-place.ts';

/**
 * The state in main memory. What the base takes is a view of the parameters wherever it is a trained tensor as it is, and its
 * gradient is written where the optimizer reads it; only sides that are products have memory of their own.
 */
export const createArmInMemory = async ({
  trained,
  layout,
  start,
  optimizer,
  totalSteps,
  accumulate,
  threads,
  profiler,
}: ArmOptions): Promise<Arm> => {
  const slots = new Map(layout.slots.map((slot) => [slot.name, slot]));
  const gradient = new Float32Array(layout.total);
  /** Of a micro-batch. */
  const latest = accumulate ? new Float32Array(layout.total) : gradient;
  const direct = directInputs(trained).flatMap(({ input, tensor }) => {
    const slot = slots.get(tensor);
    return slot ? [{ input, slot }] : [];
  });
  const frozen = trained.adapter ? frozenInputs(trained.adapter) : {};
  const rules = trained.adapter
    ? createRules({ adapter: trained.adapter, layout, totalSteps, memory: start.rules ?? {} })
    : [];
  const products = trained.adapter && (await createProductSides(trained.adapter));
  const update = await createUpdateInPlace(optimizer, layout.groups, { threads, profiler });
  const factorsIn =
    (vector: Float32Array): TrainedFactors =>
    (key) => {
      const slot = slots.get(key);
      return slot && view(vector, slot);
    };

  return {
    fold: () =>
      profiler.span('folding', async () => ({
        ...frozen,
        ...Object.fromEntries(direct.map(({ input, slot }) => [input, view(start.parameters, slot)])),
        ...(await products?.fold(factorsIn(start.parameters))),
      })),
    gradientBuffers: Object.fromEntries(
      direct.map(({ input, slot }) => [gradientOf(input), view(latest, slot)]),
    ),
    collect: (gradients) =>
      profiler.span('factor gradients', async () => {
        await products?.pullBack(gradients, factorsIn(start.parameters), factorsIn(latest));
        if (accumulate) add(latest, gradient);
      }),
    update: async (learningRate, count) => {
      const { parameters } = start;
      for (const rule of rules) rule.penalise?.(parameters, gradient);
      const gradientNorm = await profiler.span('gradient norm', () => normOf(gradient));
      for (const rule of rules) rule.precondition?.(gradient);
      await profiler.span('optimizer', () =>
        update.run(start, gradient, { gradientNorm, learningRate, count }),
      );
      const step = { gradientScale: gradientScale(optimizer, gradientNorm), count };
      for (const rule of rules) rule.afterUpdate?.(parameters, gradient, step);
      if (accumulate) gradient.fill(0);
      return gradientNorm;
    },
    // Copies: what stays here is changed in place.
    state: async () => ({
      parameters: start.parameters.slice(),
      firstMoment: start.firstMoment.slice(),
      secondMoment: start.secondMoment.slice(),
      rules: Object.fromEntries(
        rules.flatMap(({ memory = {} }) =>
          Object.entries(memory).map(([name, vector]) => [name, vector.slice()] as const),
        ),
      ),
    }),
    traffic: () => ({ toDevice: 0, fromDevice: 0 }),
    release: async () => {
      await products?.release();
      await update.release();
    },
  };
};

const view = (vector: Float32Array, { shape, offset, length }: ParameterSlot): Tensor => ({
  shape,
  data: vector.subarray(offset, offset + length),
});

const add = (from: Float32Array, to: Float32Array): void => {
  for (let at = 0; at < to.length; at++) to[at]! += from[at] as number;
};

const normOf = (vector: Float32Array): number => {
  let sum = 0;
  for (let at = 0; at < vector.length; at++) sum += (vector[at] as number) ** 2;
  return Math.sqrt(sum);
};

/** Base inputs that are one tensor as it is, and that tensor's name. */
const directInputs = ({ adapter, trainedWeights }: TrainedModel): { input: string; tensor: string }[] => [
  ...trainedWeights.map((name) => ({ input: name, tensor: name })),
  ...(adapter ? directFactors(adapter) : []).map(({ input, key }) => ({ input, tensor: key })),
];

/** Those of an adapter. */
const directFactors = ({
  description,
  layers,
}: AdapterState): { input: string; key: string; factor: Factor }[] =>
  layers.flatMap((layer) => {
    const adapter = layerAdapter(description, layer);
    const { residual, magnitude } = adapter;
    const names = sideNames(layer.module);
    const parts: readonly (readonly [string, Factor | undefined])[] = [
      ...sides.map((side) => [names[side], singleFactor(adapter[side])] as const),
      [names.residualLeft, residual?.left],
      [names.residualRight, residual?.right],
      [names.lengths, magnitude?.lengths],
      [names.squaredNorms, magnitude?.squaredNorms],
    ];
    return parts.flatMap(([input, factor]) =>
      factor ? [{ input, factor, key: factorKey(layer.module, factor) }] : [],
    );
  });

/** Frozen ones, held for the whole run; what layers share is there once. */
const frozenInputs = (adapter: AdapterState): Record<string, Tensor> => {
  const tensors = new Map<string, Tensor>();
  return Object.fromEntries(
    directFactors(adapter)
      .filter(({ factor }) => !factor.trained)
      .map(({ input, key, factor }) => {
        const tensor = tensors.get(key) ?? {
          shape: factorShape(factor),
          data: adapter.values.get(key) as Float32Array,
        };
        tensors.set(key, tensor);
        return [input, tensor];
      }),
  );
};
