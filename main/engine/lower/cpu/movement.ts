import type { Shape } from '../../graph/dimension.ts';
import type { MovementSignatures } from '../../graph/signatures.ts';
import type { LoweringContext, LoweringRules } from '../rule.ts';

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

/** x, which has the shape `source`, in the shape `target`. */
export const reshaped = (
  { emit, integers, extents }: Pick<LoweringContext<'reshape'>, 'emit' | 'integers' | 'extents'>,
  x: string,
  source: Shape,
  target: Shape,
): string => {
  // Here 0 is an extent, not the source's at the same axis.
  if (target.includes(0)) return emit('Reshape', [x, extents(target)], { allowzero: 1n });
  const written = reshapeTarget(source, target);
  return emit('Reshape', [x, written ? integers(written) : extents(target)]);
};

export const movement: LoweringRules<MovementSignatures> = {
  reshape: (context) =>
    reshaped(context, context.inputs.x, context.values.inputs.x.shape, context.attributes.shape),
  expand: ({ emit, inputs: { x }, attributes: { shape }, extents }) => emit('Expand', [x, extents(shape)]),
  transpose: ({ emit, inputs: { x }, attributes: { permutation } }) =>
    emit('Transpose', [x], { perm: permutation.map(BigInt) }),
  slice: ({ emit, inputs: { x }, attributes: { axis, start, end }, integers, extents }) =>
    emit('Slice', [x, extents([start]), extents([end]), integers([axis])]),
  concatenate: ({ emit, inputs: { values }, attributes: { axis } }) =>
    emit('Concat', values, { axis: BigInt(axis) }),
};
