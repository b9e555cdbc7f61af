import { embedSide } from '../../../engine/objectives/pictures/embed-side.ts';
import { textSide, type TextRow } from '../../../engine/objectives/pictures/row-tensors.ts';
import { isGiven, towersOf } from '../../../engine/models/compared-model.ts';
import type { Model } from '../../../engine/models/model.ts';
import type { RunSpecification } from '../../protocol/protocol.ts';
import type { Report } from '../report.ts';
import { canKeep } from './frozen-tower.ts';
import { steppedModel } from './text-tower.ts';

/** Texts that are embedded at a time: the pass over all of them must not take more than a step does. */
const textsAtATime = 64;

/** The model as an adapter's steps need it for so many texts: without the text tower where nothing of it is trained and their embeddings can be kept. */
export const modelForTexts = (whole: Model, adapter: RunSpecification['adapter'], texts: number): Model =>
  canKeep(whole, texts) ? steppedModel(whole, adapter) : whole;

/** The texts as that model takes them: where it has no text tower they are embedded here, once. */
export const givenTexts = async (
  whole: Model,
  model: Model,
  { rows, padId }: { readonly rows: readonly (readonly number[])[]; readonly padId: number },
  { training: { threads, device } }: Pick<RunSpecification, 'training'>,
  report: Report,
): Promise<readonly TextRow[]> => {
  if (!isGiven(model, 'texts')) return rows;
  const tower = towersOf(whole.architecture).texts;
  const portions = async function* () {
    for (let from = 0; from < rows.length; from += textsAtATime) {
      await report('preparing-data', from, rows.length);
      yield textSide(tower, rows.slice(from, from + textsAtATime), padId);
    }
  };
  return embedSide(whole, 'texts', portions(), { threads, device });
};
