import type { Shape } from '../../graph/dimension.ts';
import type { MovementSignatures } from '../../graph/signatures.ts';
import type { LoweringRules } from '../rule.ts';

/**
 * The target of ONNX's Reshape. An extent that is known only at run time is written 0 (take the source's at the same axis)
 * or, for one axis, -1 (what remains); undefined where that cannot say it.
 */
const reshapeTarget = (source: Shape, target: Shape): number[] | undefined => {
  const written = target.map((extent, axis): number =>
    typeof extent === 'number' ? extent : extent === source[axis] ? 0 : -1,
  );
  return written.filter((extent) => extent === -1).length <= 1 ? written : undefined;
};

export const movement: LoweringRules<MovementSignatures> = {
  reshape: ({ emit, inputs: { x }, attributes: { shape }, values, integers, extents }) => {
    // Here 0 is an extent, not the source's at the same axis.
    if (shape.includes(0)) return emit('Reshape', [x, extents(shape)], { allowzero: 1n });
    const target = reshapeTarget(values.inputs.x.shape, shape);
    return emit('Reshape', [x, target ? integers(target) : extents(shape)]);
  },
  expand: ({ emit, inputs: { x }, attributes: { shape }, extents }) => emit('Expand', [x, extents(shape)]),
  transpose: ({ emit, inputs: { x }, attributes: { permutation } }) =>
    emit('Transpose', [x], { perm: permutation.map(BigInt) }),
  slice: ({ emit, inputs: { x }, attributes: { axis, start, end }, integers, extents }) =>
    emit('Slice', [x, extents([start]), extents([end]), integers([axis])]),
  concatenate: ({ emit, inputs: { values }, attributes: { axis } }) =>
    emit('Concat', values, { axis: BigInt(axis) }),
};
