import { createSampler } from '../../../engine/diffusion/samplers/samplers.ts';
import { latentSize } from '../../../engine/diffusion/draw-settings.ts';
import { pictureSize } from '../../../engine/drawing/draw-pictures.ts';
import { openDrawingModel } from '../../../engine/drawing/open-drawing-model.ts';
import { WorkbenchError } from '../../../engine/errors.ts';
import type { DrawnSampleSettings } from '../../../engine/train/settings/drawn-sample-settings.ts';
import type { DrawingSource } from './drawing-source.ts';

/** Refuses before the first step what the model can't draw. @throws WorkbenchError naming the setting */
export const checkDrawnSamples = (
  { model, threads }: Pick<DrawingSource, 'model' | 'threads'>,
  samples: DrawnSampleSettings | null,
): void => {
  if (samples === null) return;
  const plain = openDrawingModel([{ model, adapter: null, trainedWeights: [] }], { threads });
  try {
    latentSize(plain.latent, pictureSize(plain, samples));
    createSampler(plain.schedule, { ...samples, name: samples.sampler }, () => new Float32Array());
  } catch (error) {
    if (!(error instanceof WorkbenchError)) throw error;
    throw new WorkbenchError(error.code, `training.diffusion.samples: ${error.message}`, { cause: error });
  }
};
