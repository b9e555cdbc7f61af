import type { ScheduleSettings } from '../diffusion/schedule.ts';
import type { Feed } from '../runtime/session.ts';
import type { Tensor } from '../tensor.ts';
import type { LatentShape } from '../diffusion/draw-settings.ts';

/** What is computed by itself: a text encoder by its place, the denoiser, the decoder of latents. */
export type DrawingPart = number | 'denoiser' | 'decoder';

/** A part of an arm, compiled. */
export interface OpenPart {
  /**
   * A text encoder takes `input_ids` (texts x positions) and gives `states` (texts * positions x width) and, where the model goes by it,
   * `pooled` (texts x width). The denoiser takes `latents` (images x channels x rows x columns), `times`, `text_states` (images x tokens
   * x width) and `added` where the model has it, and gives `prediction` (images, as latents). The decoder takes `latents` and gives
   * `pixels` (images x 3 x height x width), -1 to 1.
   */
  readonly run: (feeds: Readonly<Record<string, Feed>>) => Promise<Readonly<Record<string, Tensor>>>;
  /** The first module whose output isn't finite on these. */
  readonly blame: (feeds: Readonly<Record<string, Feed>>) => Promise<string | null>;
  readonly release: () => Promise<void>;
}

/** A diffusion model with arms on it: the model itself or adapters, told by their places. */
export interface DrawingModel {
  readonly latent: LatentShape;
  /** Pixels a side of what it was trained on. */
  readonly usualSide: number;
  readonly schedule: ScheduleSettings;
  /** How long every text is that an encoder takes. */
  readonly positions: number;
  /** The encoders, in the order in which their states lie beside each other. */
  readonly texts: readonly { readonly width: number }[];
  /** Sinusoids of timesteps (images x width). */
  readonly times: (timesteps: readonly number[]) => Float32Array;
  /** What else a denoiser is told of a picture (width): of the pooled text, and of what size the picture is; null where it isn't. */
  readonly added:
    | ((pooled: Float32Array, size: { readonly width: number; readonly height: number }) => Float32Array)
    | null;
  /** Whether a negative prompt of which nothing is said is zeros in place of the states of an empty text. */
  readonly zerosWithoutText: boolean;
  /** Latents are divided by this before they are decoded. */
  readonly scalingFactor: number;
  /** Arms with one key have the same part: neither has anything of its own there. */
  readonly key: (arm: number, part: DrawingPart) => string;
  /** @param places of a latent (rows x columns) that it will be run on at most */
  readonly open: (arm: number, part: DrawingPart, places: number) => Promise<OpenPart>;
}
