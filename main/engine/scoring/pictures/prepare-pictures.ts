import type { LabelledPicture } from '../../data/pictures/sets/picture-set.ts';
import { commonestShare } from '../guessing.ts';
import { assertNumbers } from '../not-a-number.ts';
import type { PreparedTask } from '../prepared-task.ts';

export interface PictureTask {
  readonly name: string;
  readonly pictures: readonly (LabelledPicture & { readonly item: number })[];
  /** In the order of their labels. */
  readonly classes: readonly string[];
  readonly notices: readonly string[];
}

/** The class whose text a picture is likest to, and the loss of the right one. */
export const preparePictures = ({ name, pictures, classes, notices }: PictureTask): PreparedTask => ({
  facts: {
    task: name,
    items: pictures.length,
    chance: 1 / classes.length,
    majority: commonestShare(pictures.map(({ label }) => label)),
    notices: [...notices],
  },
  likelihood: [],
  written: [],
  drawn: [],
  measured: [],
  pictures: pictures.map((picture) => ({
    ...picture,
    judge: ({ logLikelihood, predicted }) => {
      const { item } = picture;
      assertNumbers([logLikelihood], item);
      return {
        item,
        prompt: picture.name,
        expected: classes[picture.label]!,
        answer: classes[predicted]!,
        weight: 1,
        values: { accuracy: predicted === picture.label ? 1 : 0, loss: -logLikelihood },
        detail: null,
      };
    },
  })),
});
