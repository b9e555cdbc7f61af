import type { Value } from '../../graph/graph.ts';
import { sidesOf } from '../../graph/operators/convolution.ts';
import type { ConvolutionAttributes } from '../../graph/signatures.ts';
import { convolution as plain } from '../cpu/convolution.ts';
import type { LoweringRules } from '../rule.ts';

/** The addon has a kernel for those of 3 x 3 that keep an image's size: nearly all of a U-Net's. */
const isFused = ({ stride, padding }: ConvolutionAttributes, { shape: [, , ...kernel] }: Value): boolean =>
  stride === 1 && sidesOf(padding).every((side) => side === 1) && kernel.every((extent) => extent === 3);

export const convolution = {
  convolution: (context) => {
    const { emit, inputs, attributes, values } = context;
    if (!isFused(attributes, values.inputs.w)) return plain.convolution(context);
    return emit('nora.Convolution', [inputs.x, inputs.w]);
  },
  convolutionByInput: (context) => {
    const { emit, inputs, attributes, values } = context;
    if (!isFused(attributes, values.inputs.w)) return plain.convolutionByInput(context);
    return emit('nora.ConvolutionByInput', [inputs.d, inputs.w]);
  },
} satisfies Partial<LoweringRules>;
