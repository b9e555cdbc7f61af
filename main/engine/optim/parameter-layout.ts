import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/graph.ts';

/** A tensor that is trained, and its place in the one flat vector that holds them all. */
export interface ParameterSlot {
  readonly name: string;
  readonly shape: readonly number[];
  readonly offset: number;
  readonly length: number;
}

/** Neighbouring slots that the optimizer treats alike. */
export interface ParameterGroup {
  readonly offset: number;
  readonly length: number;
  /** In units of the step's learning rate. */
  readonly learningRateRatio: number;
  /** Vectors (norms, biases, magnitudes) rather than matrices: weight decay may leave them out. */
  readonly vectors: boolean;
}

/**
 * All trained tensors as one vector: the optimizer is then a dozen operators whatever the number of tensors, and state goes to
 * disk or to a device as three arrays.
 */
export interface ParameterLayout {
  readonly slots: readonly ParameterSlot[];
  /** One after the other, the whole vector. */
  readonly groups: readonly ParameterGroup[];
  readonly total: number;
}

export interface TensorToTrain {
  readonly name: string;
  readonly shape: readonly number[];
  /** What the learning rate is multiplied by for this tensor; 1 where absent. */
  readonly learningRateRatio?: number;
  /** What its rate is called: tensors of one have one ratio, and stand together whatever that is. By the ratio where absent. */
  readonly rate?: string | undefined;
}

/** Tensors of one group stand together, groups in the order of their first tensors; inside a group the order is the given one. */
export const layoutParameters = (tensors: readonly TensorToTrain[]): ParameterLayout => {
  const byGroup = new Map<string, TensorToTrain[]>();
  for (const tensor of tensors) {
    const { learningRateRatio: ratio = 1, rate = ratio, shape: of } = tensor;
    const key = `${rate} ${of.length === 1}`;
    const members = byGroup.get(key) ?? [];
    members.push(tensor);
    byGroup.set(key, members);
  }
  let total = 0;
  const slots: ParameterSlot[] = [];
  const groups = [...byGroup.values()].map((members): ParameterGroup => {
    const offset = total;
    for (const { name, shape } of members) {
      const slot = { name, shape, offset: total, length: shape.reduce((a, b) => a * b, 1) };
      slots.push(slot);
      total += slot.length;
    }
    const [{ learningRateRatio = 1, shape }] = members as [TensorToTrain];
    return { offset, length: total - offset, learningRateRatio, vectors: shape.length === 1 };
  });
  return { slots, groups, total };
};

/** The vector with each slot filled from `values`. */
export const packParameters = (
  { slots, total }: ParameterLayout,
  values: (name: string) => Float32Array,
): Float32Array => {
  const packed = new Float32Array(total);
  for (const { name, offset, length } of slots) {
    const data = values(name);
    if (data.length !== length) throw new Error(`${name} has ${data.length} numbers, not ${length}`);
    packed.set(data, offset);
  }
  return packed;
};

/** Each slot's part of the vector, copied. */
export const unpackParameters = (
  { slots }: ParameterLayout,
  packed: Float32Array,
): Map<string, Float32Array> =>
  new Map(slots.map(({ name, offset, length }) => [name, packed.slice(offset, offset + length)]));

/** In a graph: the tensors cut out of the vector, by name. */
export const sliceParameters = (
  g: GraphBuilder,
  { slots }: ParameterLayout,
  packed: Value,
): Map<string, Value> =>
  new Map(
    slots.map(({ name, shape, offset, length }) => [
      name,
      g.mark(g.reshape(g.slice(packed, 0, offset, offset + length), shape), 'always'),
    ]),
  );

/** In a graph: tensors in the order of the slots joined into one vector. */
export const joinParameters = (
  g: GraphBuilder,
  { slots }: ParameterLayout,
  tensors: readonly Value[],
): Value =>
  g.concatenate(
    tensors.map((tensor, index) => g.reshape(tensor, [slots[index]?.length ?? 0])),
    0,
  );
