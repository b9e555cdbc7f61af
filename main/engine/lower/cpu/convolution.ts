import { product, type Dimension, type Shape } from '../../graph/dimension.ts';
import { placesOf, sidesOf } from '../../graph/operators/convolution.ts';
import type { ConvolutionAttributes, ConvolutionSignatures } from '../../graph/signatures.ts';
import type { OnnxNode } from '../onnx-model.ts';
import type { LoweringContext, LoweringRule, LoweringRules } from '../rule.ts';

/** As ONNX writes it. */
const convolutionAttributes = (
  { stride, padding }: ConvolutionAttributes,
  kernel: Shape,
): NonNullable<OnnxNode['attributes']> => ({
  kernel_shape: kernel.map((extent) => BigInt(extent)),
  strides: [BigInt(stride), BigInt(stride)],
  pads: sidesOf(padding).map(BigInt),
});

/**
 * For each entry of the kernel, in their order: the pixels that it is put on, (images x in x ...). Ends are counted from the back, so that
 * they are known whatever the names stand for.
 */
export const pixelsUnder = ({
  emit,
  inputs,
  attributes: { size, ...attributes },
  values,
  integers,
}: LoweringContext<'convolutionByWeight'>): string[] => {
  const { stride, padding } = attributes;
  const [top, left, bottom, right] = sidesOf(padding);
  const isPadded = [top, left, bottom, right].some((count) => count > 0);
  const x = isPadded ? emit('Pad', [inputs.x, integers([0, 0, top, left, 0, 0, bottom, right])]) : inputs.x;
  const [rows, columns] = size as readonly [number, number];
  const [ofRows, ofColumns] = placesOf(values.inputs.x.shape.slice(2), size, attributes);
  /** Where the last place of an entry ends, from the back; nothing after it is the end itself. */
  const endOf = (kernel: number, at: number, remainder: number): number => {
    const after = kernel - 1 - at + remainder;
    return after === 0 ? 2 ** 31 : -after;
  };
  return Array.from({ length: rows * columns }, (_, entry) => {
    const [row, column] = [Math.floor(entry / columns), entry % columns];
    return emit('Slice', [
      x,
      integers([row, column]),
      integers([endOf(rows, row, ofRows.remainder), endOf(columns, column, ofColumns.remainder)]),
      integers([2, 3]),
      integers([stride, stride]),
    ]);
  });
};

/** A product for each entry of the kernel, over images and pixels. */
export const convolutionByWeight =
  (
    multiply: (context: LoweringContext<'convolutionByWeight'>, d: string, pixels: string) => string,
  ): LoweringRule<'convolutionByWeight'> =>
  (context) => {
    const { emit, inputs, values, integers, extents } = context;
    const { x, d } = values.inputs;
    const [images, , height, width] = d.shape as [Dimension, Dimension, Dimension, Dimension];
    const flat = (name: string, channels: Dimension): string =>
      emit('Reshape', [name, extents([images, channels, product([height, width])])], { allowzero: 1n });
    const outward = flat(inputs.d, d.shape[1] as Dimension);
    const entries = pixelsUnder(context).map((pixels) => {
      const perImage = multiply(context, outward, flat(pixels, x.shape[1] as Dimension));
      const byEntry = emit('ReduceSum', [perImage, integers([0])], { keepdims: 0n });
      return emit('Unsqueeze', [byEntry, integers([2])]);
    });
    const joined = emit('Concat', entries, { axis: 2n });
    return emit('Reshape', [joined, extents(values.outputs.y.shape)]);
  };

export const convolution: LoweringRules<ConvolutionSignatures> = {
  convolution: ({ emit, inputs: { x, w }, attributes, values }) =>
    emit('Conv', [x, w], convolutionAttributes(attributes, values.inputs.w.shape.slice(2))),
  convolutionByInput: ({ emit, inputs: { d, w }, attributes: { size, ...attributes }, values }) => {
    const kernel = values.inputs.w.shape.slice(2);
    const remainders = placesOf(size, kernel, attributes).map(({ remainder }) => BigInt(remainder));
    return emit('ConvTranspose', [d, w], {
      ...convolutionAttributes(attributes, kernel),
      output_padding: remainders,
    });
  },
  convolutionByWeight: convolutionByWeight(({ emit }, d, pixels) =>
    emit('FusedMatMul', [d, pixels], { transA: 0n, transB: 1n }),
  ),
  upsample: ({ emit, inputs: { x }, values, extents }) =>
    emit('Resize', [x, '', '', extents(values.outputs.y.shape.slice(2))], {
      axes: [2n, 3n],
      mode: 'nearest',
      coordinate_transformation_mode: 'asymmetric',
      nearest_mode: 'floor',
    }),
};
