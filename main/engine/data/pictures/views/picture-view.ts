import type { FilterName } from '../resample/filter-names.ts';

/** How a model sees pictures: what its preprocessor_config.json says. Plain data. */
export interface PictureView {
  readonly resize: { readonly filter: FilterName } & (
    | { readonly kind: 'shortest-edge'; readonly edge: number }
    | { readonly kind: 'exact'; readonly width: number; readonly height: number }
  );
  /** The middle of what was resized; null for all of it. */
  readonly crop: { readonly width: number; readonly height: number } | null;
  /**
   * Where the middle is when half a pixel is left over: transformers rounds down, torchvision (with which the published few-shot results were
   * made) to the even number.
   */
  readonly centre: 'down' | 'even';
  /** A value of 0 to 255 becomes (value x scale - mean) / deviation, by channel. */
  readonly scale: number;
  readonly mean: readonly [number, number, number];
  readonly deviation: readonly [number, number, number];
}

/** The view with the middle where `centre` says; 'model' leaves it. */
export const centredView = (view: PictureView, centre: 'model' | 'even'): PictureView =>
  centre === 'model' ? view : { ...view, centre };

/** What the model takes, in pixels. */
export const sizeOfView = ({ resize, crop }: PictureView): { width: number; height: number } => {
  if (crop !== null) return { width: crop.width, height: crop.height };
  if (resize.kind === 'exact') return { width: resize.width, height: resize.height };
  throw new Error('a view that is not cut keeps the aspect: its pictures have no common size');
};

/** As the CLIP models of OpenAI were trained and are served. */
export const clipView: PictureView = {
  resize: { kind: 'shortest-edge', edge: 224, filter: 'bicubic' },
  crop: { width: 224, height: 224 },
  centre: 'down',
  scale: 1 / 255,
  mean: [0.48145466, 0.4578275, 0.40821073],
  deviation: [0.26862954, 0.26130258, 0.27577711],
};

/** ViTImageProcessor where its file says nothing else: the aspect is not kept. */
export const vitView: PictureView = {
  resize: { kind: 'exact', width: 224, height: 224, filter: 'bilinear' },
  crop: null,
  centre: 'down',
  scale: 1 / 255,
  mean: [0.5, 0.5, 0.5],
  deviation: [0.5, 0.5, 0.5],
};

/** SigLIP and SigLIP 2 of a fixed resolution: the aspect is not kept. */
export const siglipView: PictureView = {
  resize: { kind: 'exact', width: 224, height: 224, filter: 'bicubic' },
  crop: null,
  centre: 'down',
  scale: 1 / 255,
  mean: [0.5, 0.5, 0.5],
  deviation: [0.5, 0.5, 0.5],
};
