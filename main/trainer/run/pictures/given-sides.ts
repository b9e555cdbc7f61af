import { isGiven, type Side } from '../../../engine/models/compared-model.ts';
import type { Model } from '../../../engine/models/model.ts';

/** Which towers' embeddings a run makes once. */
export const givenSides = (model: Model): readonly Side[] =>
  (['texts', 'pictures'] as const).filter((side) => isGiven(model, side));

/** What a person is told then. */
export const embeddedOnce: Readonly<Record<Side, string>> = {
  texts: 'nothing of the text tower is trained: its embeddings were made once',
  pictures: 'nothing of the picture tower is trained and views are fixed: its embeddings were made once',
};
