import type { CostCounts, Counted } from '../../engine/budgets/arm-cost.ts';
import { initialisationFlopCount } from '../../engine/budgets/initialisation-flops.ts';
import { stepFlopCount, type StepSettings } from '../../engine/budgets/step-flops.ts';
import { atClipSkip, diffusionOf, withTextStates } from '../../engine/models/diffusion-model.ts';
import type { Model } from '../../engine/models/model.ts';
import { drawnSizeOf } from '../../engine/objectives/diffusion/drawn-size.ts';
import {
  diffusionSettingsOf,
  type DiffusionSettings,
} from '../../engine/train/settings/diffusion-settings.ts';
import { smallestTrained } from '../run/pictures/frozen-tower.ts';
import { estimateDiffusionRun } from './diffusion-memory.ts';

/** Every step of it has the same size, and nothing besides the steps is computed in them. */
const isOfOneSize = ({ buckets, crop, longCaptions }: DiffusionSettings): boolean =>
  buckets === null && crop === 'centre' && longCaptions === 'cut';

const sizeOf = (model: Model, training: Counted['training'], settings: DiffusionSettings): StepSettings => {
  const diffusion = diffusionOf(model.architecture);
  const drawn = drawnSizeOf(diffusion, settings, training.batchSize);
  const sequenceLength = drawn.rows * drawn.columns * diffusion.latent.granularity ** 2;
  return { ...training, sequenceLength, drawn };
};

/**
 * What runs cost whose model learns to draw: of pictures of one size, each on a latent of that size and texts of as many tokens as the encoders
 * take. Pictures and frozen texts are encoded once, for all arms alike, which is in none of it.
 */
export const countsOfDrawing = (model: Model): CostCounts => {
  // Counts are remembered by the model, so each is made once.
  const wholes = new Map<number | null, Model>();
  const denoisers = new Map<number | null, Model>();
  const once = (known: Map<number | null, Model>, key: number | null, make: () => Model): Model => {
    const made = known.get(key) ?? make();
    known.set(key, made);
    return made;
  };
  const steppedBy = (adapter: Counted['adapter'], settings: DiffusionSettings): Model => {
    const { clipSkip } = settings;
    const whole = once(wholes, clipSkip, () => atClipSkip(model, clipSkip, 'training.diffusion.clipSkip'));
    const denoiser = once(denoisers, clipSkip, () => withTextStates(whole));
    return smallestTrained(whole, denoiser, adapter);
  };
  const counted =
    (count: (stepped: Model, adapter: Counted['adapter'], size: StepSettings) => number, ofClass: boolean) =>
    ({ adapter, training }: Counted): number | null => {
      const settings = diffusionSettingsOf(training);
      if (!isOfOneSize(settings)) return null;
      const size = sizeOf(model, training, ofClass ? settings : { ...settings, prior: null });
      return count(steppedBy(adapter, settings), adapter, size);
    };
  return {
    stepFlops: counted(stepFlopCount, true),
    // Calibration sees the subject's pictures alone.
    initialisationFlops: counted(initialisationFlopCount, false),
    peakMemory: ({ adapter, training }) =>
      training.device === 'cpu' ? estimateDiffusionRun(model, adapter, training).total : null,
    uncounted:
      'on pictures are counted where all have one size and are encoded once, and seconds follow from them; take training.diffusion.buckets null and crop centre, or match by trained-parameters, stored-parameters, peak-memory or steps',
  };
};
