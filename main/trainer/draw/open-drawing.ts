import { loadPipelineTokenizers } from '../../engine/data/tokens/pipeline-tokenizers.ts';
import type { Tokenizer } from '../../engine/data/tokens/tokenizer.ts';
import type { DrawSettings } from '../../engine/diffusion/draw-settings.ts';
import type { DrawingModel } from '../../engine/drawing/drawing-model.ts';
import { openDrawingModel } from '../../engine/drawing/open-drawing-model.ts';
import { openModelFolder } from '../../engine/formats/model-folder.ts';
import { assertFinite } from '../../engine/formats/non-finite.ts';
import { atClipSkip, diffusionOf } from '../../engine/models/diffusion-model.ts';
import { readModel } from '../../engine/models/model.ts';
import { openArm } from '../generate/open-arm.ts';
import type { DrawSpecification } from '../protocol/protocol.ts';

/** A model that draws, with its arms. */
export interface OpenDrawing {
  /** With those of a question as its arms. @throws invalid-input for a layer of the text encoders that there isn't */
  readonly modelOf: (arms: readonly number[], settings: Pick<DrawSettings, 'clipSkip'>) => DrawingModel;
  readonly tokenizers: readonly Tokenizer[];
  /** What a person should know of the model. */
  readonly notices: readonly string[];
}

/**
 * Opens a diffusion model, and adapters beside each other on it. Nothing is compiled yet: of its parts one at a time is in memory, while it draws.
 * @throws WorkbenchError naming what can't be read
 */
export const openDrawing = ({ modelDirectory, arms, threads }: DrawSpecification): OpenDrawing => {
  const folder = openModelFolder(modelDirectory);
  const model = readModel(folder);
  diffusionOf(model.architecture);
  assertFinite(folder);
  const tokenizers = loadPipelineTokenizers(folder);
  const subjects = arms.map((directory) => {
    const adapter = openArm(model, directory);
    return { model, adapter, trainedWeights: adapter?.trainedWeights ?? [] };
  });
  return {
    modelOf: (asked, { clipSkip }) => {
      const asAsked = atClipSkip(model, clipSkip, 'clipSkip');
      const ofArms = asked.map((arm) => ({ ...subjects[arm]!, model: asAsked }));
      return openDrawingModel(ofArms, { threads });
    },
    tokenizers,
    notices: [...model.notices, ...new Set(tokenizers.flatMap(({ notices }) => notices))],
  };
};
