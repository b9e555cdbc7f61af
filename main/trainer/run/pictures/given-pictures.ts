import type { PictureEntry } from '../../../engine/data/pictures/sets/picture-set.ts';
import { towersOf } from '../../../engine/models/compared-model.ts';
import type { Model } from '../../../engine/models/model.ts';
import { embedSide } from '../../../engine/objectives/pictures/embed-side.ts';
import { pictureSide } from '../../../engine/objectives/pictures/row-tensors.ts';
import type { PictureSettings } from '../../../engine/train/settings/picture-settings.ts';
import type { RunSpecification } from '../../protocol/protocol.ts';
import type { Report } from '../report.ts';
import { canKeep, withoutFrozen } from './frozen-tower.ts';
import type { PictureSource } from './picture-source.ts';

/**
 * The model as an adapter's steps need it for so many pictures: without the picture tower where nothing of it is trained, every epoch sees the
 * same, and their embeddings can be kept.
 */
export const modelForPictures = (
  whole: Model,
  adapter: RunSpecification['adapter'],
  { views }: Pick<PictureSettings, 'views'>,
  pictures: number,
): Model =>
  views === 'fixed' && canKeep(whole, pictures) ? withoutFrozen(whole, adapter, 'pictures') : whole;

/** What the picture tower of a model makes of each picture, by its name. */
export const embedPictures = async (
  whole: Model,
  source: PictureSource,
  entries: readonly PictureEntry[],
  { training: { threads, device, batchSize } }: Pick<RunSpecification, 'training'>,
  report: Report,
): Promise<ReadonlyMap<string, Float32Array>> => {
  const tower = towersOf(whole.architecture).pictures;
  const each = [...new Map(entries.map((entry) => [entry.name, entry])).values()];
  const portions = async function* () {
    let done = 0;
    for await (const examples of source.inOrder({ entries: each, batchSize })) {
      await report('preparing-data', done, each.length);
      done += examples.length;
      yield pictureSide(
        tower,
        examples.map(({ picture }) => picture()),
      );
    }
  };
  const embeddings = await embedSide(whole, 'pictures', portions(), { threads, device });
  return new Map(each.map(({ name }, at) => [name, embeddings[at]!]));
};
