import { createSampler } from '../../../engine/diffusion/samplers/samplers.ts';
import { latentSize, type DrawSettings } from '../../../engine/diffusion/draw-settings.ts';
import { pictureSize } from '../../../engine/drawing/draw-pictures.ts';
import { openDrawingModel } from '../../../engine/drawing/open-drawing-model.ts';
import { WorkbenchError } from '../../../engine/errors.ts';
import type { DrawingSource } from './drawing-source.ts';

/** Refuses before the first step what the model can't draw. @throws WorkbenchError naming the setting */
export const checkDrawing = (
  { model, threads }: Pick<DrawingSource, 'model' | 'threads'>,
  settings: Omit<DrawSettings, 'clipSkip'> | null,
  /** Where they stand. */
  field: string,
): void => {
  if (settings === null) return;
  const plain = openDrawingModel([{ model, adapter: null, trainedWeights: [] }], { threads });
  try {
    latentSize(plain.latent, pictureSize(plain, settings));
    createSampler(plain.schedule, { ...settings, name: settings.sampler }, () => new Float32Array());
  } catch (error) {
    if (!(error instanceof WorkbenchError)) throw error;
    throw new WorkbenchError(error.code, `${field}: ${error.message}`, { cause: error });
  }
};
