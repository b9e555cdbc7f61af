import type { Picture } from '../../engine/data/pictures/picture.ts';
import { drawPictures, pictureSize } from '../../engine/drawing/draw-pictures.ts';
import { pngFile } from '../../engine/drawing/png-file.ts';
import { sideBySide } from '../../engine/drawing/side-by-side.ts';
import { invalidInput } from '../../engine/errors.ts';
import type { Asked, JobContext } from '../protocol/job.ts';
import type { DrawAnswer, DrawQuestion } from '../protocol/protocol.ts';
import type { OpenDrawing } from './open-drawing.ts';
import { pictureTexts } from './picture-texts.ts';

const inBase64 = (file: Buffer): string => file.toString('base64');

/** Arms beside each other, a row for each picture that was wanted; of a single arm the pictures of one prompt. */
const sheetRows = (
  pictures: readonly (readonly Picture[])[],
  wanted: DrawQuestion['wanted'],
): (readonly Picture[])[] => {
  const [only] = pictures;
  if (pictures.length > 1) return wanted.map((_, at) => pictures.map((ofArm) => ofArm[at]!));
  return [...Map.groupBy(wanted.keys(), (at) => wanted[at]!.prompt).values()].map((places) =>
    places.map((at) => only![at]!),
  );
};

/** Draws what is asked for. @throws WorkbenchError where it can't be drawn, or was stopped */
export const answerDrawing = async (
  { modelOf, tokenizers, notices }: OpenDrawing,
  { arms, wanted, settings, names }: DrawQuestion,
  { signal }: Pick<Asked, 'signal'>,
  emit: JobContext['emit'],
): Promise<DrawAnswer> => {
  const began = performance.now();
  if (names.arms.length !== arms.length)
    throw invalidInput(`names.arms: ${names.arms.length} names for ${arms.length} arms`);
  const model = modelOf(arms, settings);
  const size = pictureSize(model, settings);
  const drawn = await drawPictures({
    ...{ model, tokenizers, arms: arms.length, wanted, settings, signal },
    onProgress: (done, total) => emit({ type: 'progress', phase: 'drawing', done, total }),
  });
  const textsOf = (arm: number, at: number) =>
    pictureTexts({ ...size, ...wanted[at]!, model: names.model, arm: names.arms[arm]!, settings });
  const pictures: string[][] = [];
  for (const [arm, ofArm] of drawn.pictures.entries()) {
    const files = ofArm.map((picture, at) => pngFile(picture, textsOf(arm, at)));
    pictures.push((await Promise.all(files)).map(inBase64));
  }
  const isSingle = arms.length * wanted.length === 1;
  return {
    ...size,
    pictures,
    sheet: isSingle ? null : inBase64(await pngFile(sideBySide(sheetRows(drawn.pictures, wanted)), {})),
    notices: [...notices, ...drawn.notices],
    seconds: (performance.now() - began) / 1000,
  };
};
