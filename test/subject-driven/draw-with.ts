import { tokenizersOf } from '../../main/engine/data/tokens/pipeline-tokenizers.ts';
import type { Picture } from '../../main/engine/data/pictures/picture.ts';
import { drawPictures, type WantedPicture } from '../../main/engine/drawing/draw-pictures.ts';
import { drawSettingsSchema } from '../../main/engine/diffusion/draw-settings.ts';
import { openDrawingModel } from '../../main/engine/drawing/open-drawing-model.ts';
import { openModel } from '../../main/engine/models/model.ts';
import { openArm } from '../../main/trainer/generate/open-arm.ts';

export interface Drawn {
  /** Folder of a pipeline. */
  readonly model: string;
  /** Folder of an adapter of it; the pipeline by itself where absent. */
  readonly adapter?: string;
  readonly threads: number;
}

/** All pictures of the study are drawn like this, as `nora draw --steps 25 --guidance 4` draws. */
export const drawWanted = async (
  { model: directory, adapter: folder, threads }: Drawn,
  wanted: readonly WantedPicture[],
): Promise<readonly Picture[]> => {
  const model = openModel(directory);
  const adapter = openArm(model, folder ?? null);
  const subject = { model, adapter, trainedWeights: adapter?.trainedWeights ?? [] };
  const { pictures } = await drawPictures({
    model: openDrawingModel([subject], { threads }),
    tokenizers: tokenizersOf(model.folder),
    arms: 1,
    wanted,
    settings: drawSettingsSchema.parse({ steps: 25, guidance: 4 }),
    onProgress: () => undefined,
    signal: new AbortController().signal,
  });
  return pictures[0]!;
};

/** Rows of prompts, each picture from the seed of its place. */
export const drawRows = async (by: Drawn, rows: readonly (readonly string[])[]): Promise<Picture[][]> => {
  const drawn = await drawWanted(
    by,
    rows.flat().map((prompt, seed) => ({ prompt, seed })),
  );
  let from = 0;
  return rows.map((row) => drawn.slice(from, (from += row.length)));
};
