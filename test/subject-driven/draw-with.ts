import { tokenizersOf } from '../../main/engine/data/tokens/pipeline-tokenizers.ts';
import type { Picture } from '../../main/engine/data/pictures/picture.ts';
import { drawPictures } from '../../main/engine/drawing/draw-pictures.ts';
import { drawSettingsSchema } from '../../main/engine/drawing/draw-settings.ts';
import { openDrawingModel } from '../../main/engine/drawing/open-drawing-model.ts';
import { openModel } from '../../main/engine/models/model.ts';

/** What a pipeline draws by itself of rows of prompts, each picture from the seed of its place. */
export const drawWith = async ({
  model: directory,
  prompts,
  threads,
}: {
  readonly model: string;
  readonly prompts: readonly (readonly string[])[];
  readonly threads: number;
}): Promise<Picture[][]> => {
  const model = openModel(directory);
  const { pictures } = await drawPictures({
    model: openDrawingModel([{ model, adapter: null, trainedWeights: [] }], { threads }),
    tokenizers: tokenizersOf(model.folder),
    arms: 1,
    wanted: prompts.flat().map((prompt, seed) => ({ prompt, seed })),
    settings: drawSettingsSchema.parse({ steps: 25, guidance: 4 }),
    onProgress: () => undefined,
    signal: new AbortController().signal,
  });
  let from = 0;
  return prompts.map((row) => pictures[0]!.slice(from, (from += row.length)));
};
