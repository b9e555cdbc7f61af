import { onlyTower, towersOf } from '../../models/compared-model.ts';
import { compareTowers } from '../../models/blocks/two-towers.ts';
import type { Model } from '../../models/model.ts';
import type { Comparison } from '../../objectives/objective.ts';
import type { TrainedModel } from './trained-model.ts';

/** What the texts' embeddings are called among the trained weights of a micro-batch's graph. */
export const sharedEmbeddings = 'shared_text_embeddings';

/**
 * For a step whose micro-batches have the same texts: the model as a micro-batch sees it, with the texts' embeddings as one more trained weight. Their
 * gradient comes with the others.
 */
export const besideTexts = <Trained extends TrainedModel>(trained: Trained): Trained => {
  const { model, trainedWeights } = trained;
  const { architecture, weightShapes } = model;
  const { width, ...towers } = towersOf(architecture);
  const shape = [architecture.outputs, width];
  const texts = {
    ...towers.texts,
    embed: ({ weight }) => weight(sharedEmbeddings, shape),
  } satisfies typeof towers.texts;
  const beside: Model = {
    ...model,
    architecture: {
      ...architecture,
      forward: (context) => compareTowers({ ...towers, texts }, context),
    },
    weightShapes: new Map([...weightShapes, [sharedEmbeddings, shape]]),
  };
  return { ...trained, model: beside, trainedWeights: [...trainedWeights, sharedEmbeddings] };
};

/** The text tower alone, with the same inputs: what is trained elsewhere has no gradient in it. */
export const textsAlone = <Trained extends TrainedModel>(trained: Trained): Trained => {
  const { architecture } = onlyTower(trained.model, 'texts');
  return { ...trained, model: { ...trained.model, architecture } };
};

/** What a graph of the texts alone gives, and takes a gradient by. */
export const embeddingsOf: Pick<Comparison, 'rows'> = { rows: ({ hidden }) => ({ texts: hidden }) };
