import type { TextRow } from '../../../engine/objectives/pictures/row-tensors.ts';
import { towersOf } from '../../../engine/models/compared-model.ts';
import type { Model } from '../../../engine/models/model.ts';
import type { RunSpecification } from '../../protocol/protocol.ts';
import type { Report } from '../report.ts';
import { embedTexts, type PaddedTexts } from './embed-texts.ts';
import { steppedModel } from './text-tower.ts';

/** What the embeddings of all texts may take. */
const mostBytes = 256 * 2 ** 20;

/** The model as an adapter's steps need it for so many texts: without the text tower where nothing of it is trained and their embeddings can be kept. */
export const modelForTexts = (whole: Model, adapter: RunSpecification['adapter'], texts: number): Model =>
  4 * texts * towersOf(whole.architecture).width > mostBytes ? whole : steppedModel(whole, adapter);

/** The texts as that model takes them: where it has no text tower they are embedded here, once. */
export const givenTexts = async (
  whole: Model,
  model: Model,
  texts: PaddedTexts,
  { training: { threads, device } }: Pick<RunSpecification, 'training'>,
  report: Report,
): Promise<readonly TextRow[]> => {
  if (model === whole) return texts.rows;
  const onPortion = (done: number, total: number): Promise<void> => report('preparing-data', done, total);
  return embedTexts(whole, texts, { threads, device, onPortion });
};

export const embeddedOnce = 'nothing of the text tower is trained: its embeddings were made once';
