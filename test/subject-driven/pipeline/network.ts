import type { GraphBuilder } from '../../../main/engine/graph/builder.ts';
import type { Value } from '../../../main/engine/graph/graph.ts';
import type { ForwardContext } from '../../../main/engine/models/architecture.ts';
import { readArchitecture } from '../../../main/engine/models/architectures/index.ts';
import { diffusionOf } from '../../../main/engine/models/diffusion-model.ts';
import { slices } from '../../../main/engine/models/slices.ts';
import type { Tensor } from '../../../main/engine/tensor.ts';
import { latentChannels, latentSide, pictureSide, pipelineConfig } from './configuration.ts';

/** The pipeline as the workbench understands it. */
export const architecture = readArchitecture(pipelineConfig, 'small-diffusion/model_index.json');
export const diffusion = diffusionOf(architecture);

/** Gives a weight by its name in the pipeline, `unet.conv_in.weight`. */
export type Weights = (name: string, shape: readonly number[]) => Value;

const linearOn = (g: GraphBuilder, weight: Weights): Pick<ForwardContext, 'linear' | 'linearColumns'> => {
  const linear: ForwardContext['linear'] = ({ module, outFeatures, inFeatures, bias }, x) => {
    const y = g.matmul(x, weight(`${module}.weight`, [outFeatures, inFeatures]), { transposeB: true });
    return g.mark(bias ? g.add(y, weight(`${module}.bias`, [outFeatures])) : y, 'costly');
  };
  return { linear, linearColumns: (layer, x, sizes) => slices(g, linear(layer, x), 1, sizes) };
};

/** The model's forward pass on weights of which all are trained. */
export const contextOn = (g: GraphBuilder, weight: Weights): ForwardContext => ({
  g,
  ...linearOn(g, weight),
  weight,
  get tokens(): never {
    throw new Error('a pipeline takes its texts itself');
  },
  past: null,
  positions: latentSide ** 2,
  everyRow: false,
  convolution: ({ module, outFeatures, inFeatures, kernel }, x) => {
    const { size, stride, padding } = kernel!;
    const kernels = weight(`${module}.weight`, [outFeatures, inFeatures / size ** 2, size, size]);
    const bias = g.reshape(weight(`${module}.bias`, [outFeatures]), [1, outFeatures, 1, 1]);
    return g.mark(g.add(g.convolution(x, kernels, { stride, padding }), bias), 'costly');
  },
  embedding: ({ module, outFeatures, inFeatures }, indices) =>
    g.gatherRows(weight(`${module}.weight`, [inFeatures, outFeatures]), indices),
  embedded: (rows) => rows,
  isFrozen: () => false,
  frozenWeight: () => undefined,
});

/** The mean of all numbers. How many there are is known when it runs: `share`, 1 over their number, is an input. */
export const meanOfAll = (g: GraphBuilder, x: Value, share: string): Value => {
  const axes = x.shape.map((_, axis) => axis);
  return g.multiply(g.reshape(g.sum(x, axes), [1]), g.input(share, 'float32', []));
};

/** What tells a graph how many numbers there are. */
export const shareOf = (numbers: number): Tensor => ({ shape: [], data: Float32Array.of(1 / numbers) });

/** Of a picture, and of its latent. */
export const pixelShape = [3, pictureSide, pictureSide] as const;
export const latentShape = [latentChannels, latentSide, latentSide] as const;

export const lengthOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
