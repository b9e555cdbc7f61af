import type { AdapterSettings } from '../../engine/adapters/settings/adapter-settings.ts';
import { isGuided, type DrawSettings } from '../../engine/diffusion/draw-settings.ts';
import { pictureSize } from '../../engine/drawing/draw-pictures.ts';
import { tokensOfPieces } from '../../engine/drawing/text-conditions.ts';
import { openDrawingModel } from '../../engine/drawing/open-drawing-model.ts';
import { encodingMemory } from '../../engine/memory/encoding.ts';
import { estimateRun } from '../../engine/memory/estimate-run.ts';
import type { MemoryEstimate } from '../../engine/memory/estimate.ts';
import { drawnSizeOf } from '../../engine/objectives/diffusion/drawn-size.ts';
import { diffusionOf, vaeDecoder, vaeEncoder, withTextStates } from '../../engine/models/diffusion-model.ts';
import type { Model } from '../../engine/models/model.ts';
import {
  diffusionSettingsOf,
  type DiffusionSettings,
} from '../../engine/train/settings/diffusion-settings.ts';
import type { TrainingSettings } from '../../engine/train/settings/training-settings.ts';
import { smallestTrained } from '../run/pictures/frozen-tower.ts';

/** The decoder of pictures with its threads, latents and states of texts of some hundred pictures. */
const dataBytes = 128 * 2 ** 20;

/** Of captions in pieces, whose number only the data says: kohya's most, 225 tokens. */
const usualPieces = 3;

/**
 * What drawing pictures takes beside the steps: one part of the model at a time. The denoiser's files are mapped by the steps already.
 */
const drawingBeside = (model: Model, drawing: Omit<DrawSettings, 'clipSkip'> | null): number => {
  if (drawing === null) return 0;
  const { latent, positions } = diffusionOf(model.architecture);
  const plain = openDrawingModel([{ model, adapter: null, trainedWeights: [] }], { threads: null });
  const { width, height } = pictureSize(plain, drawing);
  const unit = latent.pixels * latent.granularity;
  const size = { rows: Math.ceil(height / unit), columns: Math.ceil(width / unit), tokens: positions };
  const places = size.rows * size.columns * latent.granularity ** 2;
  const denoiser = encodingMemory(
    withTextStates(model),
    { ...size, images: isGuided(drawing) ? 2 : 1 },
    places,
  );
  const decoder = encodingMemory(vaeDecoder(model), { ...size, images: 1 }, places);
  return Math.max(denoiser.total - denoiser.weights, decoder.total);
};

/** Pictures of the class that it drew, as if the data had none: they are held in red, green and blue. */
const drawnOfClass = (model: Model, { prior }: DiffusionSettings): number => {
  if (prior === null || prior.draw === null) return 0;
  const plain = openDrawingModel([{ model, adapter: null, trainedWeights: [] }], { threads: null });
  const { width, height } = pictureSize(plain, prior.draw);
  return prior.pictures * width * height * 3;
};

/**
 * What a run takes on pictures that its model learns to draw: its steps on the largest latents, or the encoding of pictures that comes before them; both
 * where pictures are cut at random, so that they are encoded all along. Pictures that it draws are drawn between steps.
 */
export const estimateDiffusionRun = (
  model: Model,
  adapter: AdapterSettings,
  training: TrainingSettings,
): MemoryEstimate => {
  const settings = diffusionSettingsOf(training);
  const diffusion = diffusionOf(model.architecture);
  const drawn = {
    ...drawnSizeOf(diffusion, settings, training.batchSize),
    tokens: tokensOfPieces(settings.longCaptions === 'cut' ? 1 : usualPieces, diffusion.positions),
  };
  const places = drawn.rows * drawn.columns * diffusion.latent.granularity ** 2;
  const stepped = smallestTrained(model, withTextStates(model), adapter);
  const steps = estimateRun(stepped, adapter, { ...training, sequenceLength: places }, drawn);
  const encoding = encodingMemory(vaeEncoder(model), { ...drawn, images: 1 }, places);
  const beside = settings.crop === 'random' ? encoding.total : Math.max(0, encoding.total - steps.total);
  const draws = [settings.samples, settings.prior?.draw ?? null];
  const drawing = Math.max(...draws.map((one) => drawingBeside(model, one)));
  const more = dataBytes + drawnOfClass(model, settings) + Math.max(beside, drawing);
  return {
    ...steps,
    process: steps.process + more,
    total: steps.total + more,
    resident: steps.resident + more,
  };
};
