import { divide, product, sameShape, sum, type Dimension, type Quotient, type Shape } from '../dimension.ts';
import type { Value } from '../graph.ts';
import type { AttributesOf, ConvolutionAttributes, ConvolutionSignatures, Padding } from '../signatures.ts';
import type { FlopsRule, InputsOf, OperatorEntries, OperatorMemory, TensorType } from './entry.ts';
import { axisOf, describe, float32, requireFit, requireType } from './type-checks.ts';

/** What lies around an image, side by side. */
export const sidesOf = (
  padding: Padding,
): readonly [top: number, left: number, bottom: number, right: number] =>
  typeof padding === 'number' ? [padding, padding, padding, padding] : padding;

/** Zeros before and after the image along its height and along its width. */
const aroundOf = (padding: Padding): readonly [height: number, width: number] => {
  const [top, left, bottom, right] = sidesOf(padding);
  return [top + bottom, left + right];
};

/**
 * How often a kernel is put along an axis, and how many entries at its end no kernel reaches.
 * @throws Error where names do not let it be said, or it has no room
 */
export const placesAlong = (
  extent: Dimension,
  kernel: number,
  { stride, around }: { readonly stride: number; readonly around: number },
): Quotient => {
  const places = divide(extent, stride, around - kernel + stride);
  if (!places || places.quotient === 0)
    throw new Error(
      `a kernel of ${kernel} by steps of ${stride} is not to be put along ${extent} (+ ${around})`,
    );
  return places;
};

/** The same along both axes of an image. */
export const placesOf = (
  size: Shape,
  kernel: Shape,
  { stride, padding }: ConvolutionAttributes,
): readonly [Quotient, Quotient] => {
  const around = aroundOf(padding);
  const along = (axis: 0 | 1): Quotient =>
    placesAlong(size[axis] as Dimension, Number(kernel[axis]), { stride, around: around[axis] });
  return [along(0), along(1)];
};

const requireImages = (...values: readonly Value[]): void => {
  requireType('float32', ...values);
  if (values.some(({ shape }) => shape.length !== 4))
    throw new Error(`needs four axes, has ${describe(...values)}`);
};

const sizeOf = ({ shape }: Value): Shape => shape.slice(2);

/** Whether d is of the shape that the convolution of such an image with such a kernel has. */
const requireResult = (
  { d }: { readonly d: Value },
  shapes: { readonly x: Shape; readonly w: Shape },
  attributes: ConvolutionAttributes,
): void => {
  const [height, width] = placesOf(shapes.x.slice(2), shapes.w.slice(2), attributes);
  const expected = [shapes.x[0], shapes.w[0], height.quotient, width.quotient] as Shape;
  if (!sameShape(d.shape, expected))
    throw new Error(`${describe(d)} is not the result of a convolution: [${expected.join(', ')}]`);
};

/** Two operations for each entry of the kernels and each place that they are put at. */
const convolutionFlops = (
  result: Value,
  [, channels, height, width]: Shape,
  extent: (dimension: Dimension) => number,
): number =>
  2 * extent(product([...result.shape, channels as Dimension, height as Dimension, width as Dimension]));

/** The shape of x, given those of d and w. */
const inputShape = ({ d, w }: InputsOf<'convolutionByInput'>, size: Shape): Shape => [
  axisOf(d, 0),
  axisOf(w, 1),
  ...size,
];

/** The shape of w, given those of x and d. */
const weightShape = ({ x, d }: InputsOf<'convolutionByWeight'>, size: Shape): Shape => [
  axisOf(d, 1),
  axisOf(x, 1),
  ...size,
];

const requireSize = (size: Shape): void => {
  if (size.length !== 2) throw new Error(`size [${size.join(', ')}] is not a height and a width`);
};

/** x unfolded: of one image, for each place of the kernels the entries under them. */
const unfolded = (places: Shape, [, channels, ...kernel]: Shape): TensorType =>
  float32([channels as Dimension, ...kernel, ...places]);

/** Whether every kernel is put on every pixel, and on nothing else. */
export const isPointwise = ({ stride, padding }: ConvolutionAttributes, kernel: Shape): boolean =>
  stride === 1 && sidesOf(padding).every((side) => side === 0) && kernel.every((extent) => extent === 1);

/**
 * How the CPU computes the gradient by x. 'turned': a convolution of the turned gradient, with inputs and outputs of the kernels swapped, turned
 * back. 'unfolded': what each pixel gives to the entries under all kernels, as one product, and then added up where it belongs, which takes more
 * memory, but no copy of the kernels: the better where these are larger than the image (measured with 320 channels of 64 x 64 to 1280 of
 * 16 x 16). 'scattered': kernels of one entry, where nothing is to be added up.
 */
export const byInputWay = (
  { d, w }: { readonly d: Shape; readonly w: Shape },
  { stride, padding }: ConvolutionAttributes,
): 'turned' | 'unfolded' | 'scattered' => {
  const [kernels, , height, width] = w.map(Number) as [number, number, number, number];
  if (isPointwise({ stride, padding }, [height, width])) return 'scattered';
  const [top, left, bottom, right] = sidesOf(padding);
  const isTurnable = stride === 1 && Math.max(top, bottom) < height && Math.max(left, right) < width;
  const pixels = product(d.slice(2));
  const isSmall = typeof pixels === 'number' ? 3 * kernels <= 2 * pixels : kernels <= 640;
  return isTurnable && isSmall ? 'turned' : 'unfolded';
};

/**
 * An image is unfolded whole where there are more kernels than places, one image after the other; else in pieces of 64 kB. Source:
 * MlasConvPrepare in convolve.cpp; measured with 1, 2 and 4 images.
 */
const unfoldedImages = (
  result: Shape,
  w: Shape,
  extent: (dimension: Dimension) => number,
): readonly TensorType[] => {
  const [, kernels, ...size] = result as [Dimension, Dimension, ...Shape];
  return extent(kernels) > extent(product(size)) ? [unfolded(size, w)] : [];
};

const convolutionWorkspace: OperatorMemory<'convolution'>['workspace'] = (
  { inputs: { w }, outputs: { y }, attributes },
  extent,
) => (isPointwise(attributes, sizeOf(w)) ? [] : unfoldedImages(y.shape, w.shape, extent));

const byInputWorkspace: OperatorMemory<'convolutionByInput'>['workspace'] = (
  { inputs: { d, w }, outputs: { y }, attributes },
  extent,
) => {
  const swapped = [axisOf(w, 1), axisOf(w, 0), ...sizeOf(w)];
  const given = float32([axisOf(d, 0), axisOf(w, 1), ...sizeOf(w), ...sizeOf(d)]);
  return {
    turned: () => [
      float32(swapped),
      float32(d.shape),
      float32(y.shape),
      ...unfoldedImages(y.shape, swapped, extent),
    ],
    // Of all images, as the product gives it and with the entries first.
    unfolded: () => [given, given],
    // DoConvTranspose in conv_transpose.cc.
    scattered: () => [unfolded(sizeOf(d), w.shape)],
  }[byInputWay({ d: d.shape, w: w.shape }, attributes)]();
};

/**
 * A product at a time: x and d with their channels first, x with zeros around it, the pixels that an entry of the kernels is put on; and what the
 * entries gave, before all are joined.
 */
const byWeightWorkspace: OperatorMemory<'convolutionByWeight'>['workspace'] = ({
  inputs: { x, d },
  outputs: { y },
  attributes: { padding },
}) => {
  const [images, channels] = x.shape as [Dimension, Dimension];
  const around = aroundOf(padding);
  const padded = sizeOf(x).map((extent, axis) => sum([extent, around[axis] as number]));
  return [
    float32(x.shape),
    float32(d.shape),
    float32([images, channels, ...padded]),
    float32([images, channels, ...sizeOf(d)]),
    float32(y.shape),
  ];
};

const byWeightFlops: FlopsRule<'convolutionByWeight'> = ({ inputs: { d }, outputs: { y } }, extent) =>
  convolutionFlops(d, y.shape, extent);

/** The convolution's own part of the attributes. */
const shared = ({ stride, padding }: AttributesOf<'convolution'>): ConvolutionAttributes => ({
  stride,
  padding,
});

/** Each of the three is a product of two, summed over the third: the gradients of each are the other two. */
export const convolution: OperatorEntries<ConvolutionSignatures> = {
  convolution: {
    inputs: ['x', 'w'],
    attributes: ['stride', 'padding'],
    outputs: ['y'],
    types: ({ x, w }, attributes) => {
      requireImages(x, w);
      requireFit(axisOf(x, 1) === axisOf(w, 1), x, w);
      const [height, width] = placesOf(sizeOf(x), sizeOf(w), attributes);
      return float32([axisOf(x, 0), axisOf(w, 0), height.quotient, width.quotient]);
    },
    gradient: ({ g, inputs: { x, w }, attributes, gradient }) => ({
      x: g.convolutionByInput(gradient, w, { ...attributes, size: sizeOf(x) }),
      w: g.convolutionByWeight(x, gradient, { ...attributes, size: sizeOf(w) as number[] }),
    }),
    flops: ({ inputs: { w }, outputs: { y } }, extent) => convolutionFlops(y, w.shape, extent),
    memory: { workspace: convolutionWorkspace },
  },
  convolutionByInput: {
    inputs: ['d', 'w'],
    attributes: ['stride', 'padding', 'size'],
    outputs: ['y'],
    types: ({ d, w }, { size, ...attributes }) => {
      requireImages(d, w);
      requireSize(size);
      const shape = inputShape({ d, w }, size);
      requireResult({ d }, { x: shape, w: w.shape }, attributes);
      return float32(shape);
    },
    gradient: ({ g, inputs: { d, w }, attributes, gradient }) => ({
      d: g.convolution(gradient, w, shared(attributes)),
      w: g.convolutionByWeight(gradient, d, { ...shared(attributes), size: sizeOf(w) as number[] }),
    }),
    flops: ({ inputs: { d, w } }, extent) => convolutionFlops(d, w.shape, extent),
    memory: { workspace: byInputWorkspace },
  },
  convolutionByWeight: {
    inputs: ['x', 'd'],
    attributes: ['stride', 'padding', 'size'],
    outputs: ['y'],
    types: ({ x, d }, { size, ...attributes }) => {
      requireImages(x, d);
      requireSize(size);
      const shape = weightShape({ x, d }, size);
      requireResult({ d }, { x: x.shape, w: shape }, attributes);
      return float32(shape);
    },
    gradient: ({ g, inputs: { x, d }, attributes, gradient }) => ({
      x: g.convolutionByInput(d, gradient, { ...shared(attributes), size: sizeOf(x) }),
      d: g.convolution(x, gradient, shared(attributes)),
    }),
    flops: byWeightFlops,
    memory: { workspace: byWeightWorkspace },
  },
  upsample: {
    inputs: ['x'],
    attributes: [],
    outputs: ['y'],
    types: ({ x }) => {
      requireImages(x);
      const [images, channels, height, width] = x.shape as [Dimension, Dimension, Dimension, Dimension];
      return float32([images, channels, product([2, height]), product([2, width])]);
    },
    // Of the four that a pixel became.
    gradient: ({ g, inputs: { x }, gradient }) => {
      const [images, channels, height, width] = x.shape as [Dimension, Dimension, Dimension, Dimension];
      const squares = g.reshape(gradient, [images, channels, height, 2, width, 2]);
      return { x: g.reshape(g.sum(squares, [3, 5]), x.shape) };
    },
    flops: 'none',
    memory: {},
  },
};
