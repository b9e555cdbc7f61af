import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/graph.ts';

/** A tensor that is trained, and its place in the one flat vector that holds them all. */
export interface ParameterSlot {
  readonly name: string;
  readonly shape: readonly number[];
  readonly offset: number;
  readonly length: number;
}

/**
 * All trained tensors as one vector: the optimizer is then a dozen operators whatever the number of tensors, and state goes to
 * disk or to a device as three arrays.
 */
export interface ParameterLayout {
  readonly slots: readonly ParameterSlot[];
  readonly total: number;
}

export const layoutParameters = (
  tensors: readonly { name: string; shape: readonly number[] }[],
): ParameterLayout => {
  let total = 0;
  const slots = tensors.map(({ name, shape }) => {
    const slot = { name, shape, offset: total, length: shape.reduce((a, b) => a * b, 1) };
    total += slot.length;
    return slot;
  });
  return { slots, total };
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
