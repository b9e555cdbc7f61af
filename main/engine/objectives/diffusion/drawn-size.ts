import { sizeOfResolution, type Resolution } from '../../data/pictures/buckets/framing.ts';
import type { DiffusionModel } from '../../models/architecture.ts';
import type { DrawnSize } from '../objective.ts';

interface SizeSettings {
  readonly resolution: Resolution;
  readonly prior: object | null;
}

/** How large batches get. Buckets have no more places than the square has, so it stands for all of them. */
export const drawnSizeOf = (
  { latent: { pixels, granularity }, positions }: Pick<DiffusionModel, 'latent' | 'positions'>,
  { resolution, prior }: SizeSettings,
  batchSize: number,
): DrawnSize => {
  const { width, height } = sizeOfResolution(resolution);
  const unitsOf = (side: number): number => Math.max(1, Math.floor(side / (pixels * granularity)));
  return {
    images: batchSize * (prior === null ? 1 : 2),
    rows: unitsOf(height),
    columns: unitsOf(width),
    tokens: positions,
  };
};
