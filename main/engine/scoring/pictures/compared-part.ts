import { onlyTower, withEmbeddings } from '../../models/compared-model.ts';
import type { Model } from '../../models/model.ts';
import type { TrainedModel } from '../../train/model/trained-model.ts';
import { onPart } from '../subjects/on-part.ts';

/** What of a model that compares pictures with texts is computed by itself: a tower, or the comparison of what both gave. */
export type ComparedPart = 'pictures' | 'texts' | 'comparison';

const modelOf: Readonly<Record<ComparedPart, (whole: Model) => Model>> = {
  pictures: (whole) => onlyTower(whole, 'pictures'),
  texts: (whole) => onlyTower(whole, 'texts'),
  comparison: (whole) => withEmbeddings(withEmbeddings(whole, 'pictures'), 'texts'),
};

/** That part of a model, with what of its adapter is there. */
export const comparedPart = (subject: TrainedModel, part: ComparedPart): TrainedModel =>
  onPart(subject, modelOf[part](subject.model));
