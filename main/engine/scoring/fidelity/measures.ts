import type { ScoreName } from '../scores.ts';

/** What a model measures drawn pictures by: against the subject's pictures, and against their prompts where it reads texts. */
export interface PictureMeasures {
  readonly subject: ScoreName;
  readonly prompt: ScoreName | null;
}

/** By the name of the model's architecture, as the papers have them. Pure: a browser can import this. */
export const pictureMeasures: Readonly<Record<string, PictureMeasures>> = {
  clip: { subject: 'clip_i', prompt: 'clip_t' },
  siglip: { subject: 'siglip_i', prompt: 'siglip_t' },
  vit: { subject: 'dino', prompt: null },
  dinov2: { subject: 'dinov2', prompt: null },
};
