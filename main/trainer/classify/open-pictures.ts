import { readView } from '../../engine/data/pictures/views/read-view.ts';
import type { PictureView } from '../../engine/data/pictures/views/picture-view.ts';
import { paddingId } from '../../engine/data/tokens/padding-id.ts';
import { loadTokenizer, type Tokenizer } from '../../engine/data/tokens/tokenizer.ts';
import { openModelFolder } from '../../engine/formats/model-folder.ts';
import { assertFinite } from '../../engine/formats/non-finite.ts';
import { comparedWith, towersOf } from '../../engine/models/compared-model.ts';
import { readModel, type Model } from '../../engine/models/model.ts';
import { createTowerScorer, type TowerScorer } from '../../engine/scoring/pictures/tower-scorer.ts';
import { openArm } from '../generate/open-arm.ts';
import type { ClassifySpecification } from '../protocol/protocol.ts';

/** A model that looks at pictures, with its arms. */
export interface OpenPictures {
  readonly model: Model;
  readonly tokenizer: Tokenizer;
  readonly view: PictureView;
  readonly scorer: TowerScorer;
  /** What a person should know of the model. */
  readonly notices: readonly string[];
}

/** Texts of a run are as many as it has classes; here each question brings its own. */
const anyTexts = 2;

/** Opens a model of pictures and texts, and adapters beside each other on it. @throws WorkbenchError naming what can't be read */
export const openPictures = ({ modelDirectory, arms, threads }: ClassifySpecification): OpenPictures => {
  const folder = openModelFolder(modelDirectory);
  const read = readModel(folder);
  const { input } = towersOf(read.architecture).pictures;
  assertFinite(folder);
  const model = comparedWith(read, 'class-prompts', anyTexts);
  const tokenizer = loadTokenizer(modelDirectory);
  const subjects = arms.map((directory) => {
    const adapter = openArm(model, directory);
    return { model, adapter, trainedWeights: adapter?.trainedWeights ?? [] };
  });
  return {
    model,
    tokenizer,
    view: readView(modelDirectory, input.shape.at(-1)!),
    scorer: createTowerScorer({
      subjects,
      padId: paddingId(tokenizer, model.architecture.vocabularySize),
      threads,
    }),
    notices: [...model.notices, ...tokenizer.notices],
  };
};
