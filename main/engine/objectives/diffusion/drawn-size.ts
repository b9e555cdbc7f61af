import type { DiffusionModel } from '../../models/architecture.ts';
import type { DrawnSize } from '../objective.ts';

interface SizeSettings {
  /** Pixels: the side of a square, and with buckets the root of their area. */
  readonly resolution: number;
  readonly prior: object | null;
}

/** How large batches get. Buckets have no more places than the square has, so it stands for all of them. */
export const drawnSizeOf = (
  { latent: { pixels, granularity }, positions }: Pick<DiffusionModel, 'latent' | 'positions'>,
  { resolution, prior }: SizeSettings,
  batchSize: number,
): DrawnSize => {
  const side = Math.max(1, Math.floor(resolution / (pixels * granularity)));
  return { images: batchSize * (prior === null ? 1 : 2), rows: side, columns: side, tokens: positions };
};
