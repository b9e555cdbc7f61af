import type { GraphBuilder } from '../../graph/builder.ts';
import { product, type Dimension } from '../../graph/dimension.ts';
import type { Value } from '../../graph/graph.ts';

/** Extents of (images x channels x height x width). */
export type PixelShape = readonly [images: Dimension, channels: number, height: Dimension, width: Dimension];

export const pixelShape = ({ shape }: Value): PixelShape => shape as unknown as PixelShape;

/** (images x channels x height x width) to a row for each pixel (images * height * width x channels). */
export const pixelRows = (g: GraphBuilder, x: Value): Value => {
  const [images, channels, height, width] = pixelShape(x);
  return g.within('pixel rows', () =>
    g.reshape(g.transpose(x, [0, 2, 3, 1]), [product([images, height, width]), channels]),
  );
};

/** The way back, to as many channels as the rows are wide. */
export const rowsToPixels = (g: GraphBuilder, rows: Value, [images, , height, width]: PixelShape): Value =>
  g.within('pixel rows', () =>
    g.transpose(g.reshape(rows, [images, height, width, rows.shape[1]!]), [0, 3, 1, 2]),
  );
