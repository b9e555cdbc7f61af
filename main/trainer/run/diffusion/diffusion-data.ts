import type { BatchedModel, ConditionRow } from '../../../engine/objectives/diffusion/noisy-batch.ts';
import type { DiffusionSettings } from '../../../engine/train/settings/diffusion-settings.ts';
import type { Captioned } from './captions.ts';
import type { EncodedView } from './latent-files.ts';
import type { View } from './latents.ts';
import type { NoisyModel } from './noisy-picture.ts';
import type { Seeing } from './order.ts';

/** A picture with the size that it is seen in. */
export interface SizedPicture extends Captioned {
  readonly repeats: number;
  /** Of what is seen, in pixels. */
  readonly width: number;
  readonly height: number;
}

export interface DiffusionData {
  readonly train: readonly SizedPicture[];
  /** Of the class, beside those; none where the run has no prior. */
  readonly prior: readonly SizedPicture[];
  /** What the run is measured on. */
  readonly heldOut: readonly SizedPicture[];
  readonly settings: DiffusionSettings;
}

/** What batches are made with. */
export interface DiffusionMakers {
  readonly model: NoisyModel & BatchedModel;
  readonly latents: (view: View) => Promise<EncodedView>;
  /** Where a picture is cut in a seeing, and whether it is mirrored. */
  readonly viewOf: (picture: SizedPicture, seeing: Pick<Seeing<unknown>, 'epoch' | 'place'>) => View;
  readonly conditions: (text: string, view: EncodedView) => Promise<Readonly<Record<string, ConditionRow>>>;
  /** Gives back what the makers hold open. */
  readonly release: () => Promise<void>;
}

/** Of the middle, as it is: what is measured and calibrated on. */
export const plainView = ({ name, width, height }: SizedPicture): View => ({
  name,
  width,
  height,
  across: null,
  down: null,
  mirrored: false,
});
