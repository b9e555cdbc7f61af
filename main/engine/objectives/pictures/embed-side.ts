import { createGraphBuilder } from '../../graph/create-graph-builder.ts';
import { embedderOf, onlyTower, towersOf, type Side } from '../../models/compared-model.ts';
import { buildForward, type Model } from '../../models/model.ts';
import type { DeviceName } from '../../runtime/device-names.ts';
import { createSession } from '../../runtime/session.ts';
import type { SideOfBatch } from './row-tensors.ts';

export interface EmbedOptions {
  readonly threads: number | null;
  /** Default 'cpu'. */
  readonly device?: DeviceName;
}

/**
 * What a frozen tower makes of its rows, once for a whole run: the embedding of each (width), before it is made a unit vector, as
 * `withEmbeddings` takes it.
 * @param batches run one after the other, so that memory is that of one; what they throw ends it
 */
export const embedSide = async (
  model: Model,
  side: Side,
  batches: Iterable<SideOfBatch> | AsyncIterable<SideOfBatch>,
  { threads, device = 'cpu' }: EmbedOptions,
): Promise<Float32Array[]> => {
  const { width } = side === 'pictures' ? embedderOf(model.architecture) : towersOf(model.architecture);
  const g = createGraphBuilder();
  const { hidden } = buildForward(g, onlyTower(model, side), {
    positions: model.architecture.maximumPositions,
  });
  const session = await createSession(g.build({ hidden }), { threads, device });
  const rows: Float32Array[] = [];
  try {
    for await (const { tensors, rows: count } of batches) {
      const { hidden: embeddings } = await session.run(tensors);
      const data = embeddings!.data as Float32Array;
      for (let row = 0; row < count; row++) rows.push(data.slice(row * width, (row + 1) * width));
    }
  } finally {
    await session.release();
  }
  return rows;
};
