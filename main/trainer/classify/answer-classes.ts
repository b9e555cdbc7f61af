import { spokenName } from '../../engine/data/pictures/prompts/templates.ts';
import { twinsIn } from '../../engine/data/pictures/sets/picture-set.ts';
import { softmax } from '../../engine/scoring/pictures/softmax.ts';
import type { AnswerOf } from '../protocol/classify-schema.ts';
import type { PictureQuestion } from '../protocol/protocol.ts';
import { classTexts } from '../run/pictures/class-texts.ts';
import { assertFiniteOf } from './assert-finite-of.ts';
import { eachOnce } from './each-once.ts';
import type { OpenPictures } from './open-pictures.ts';
import { pngOf, readPicture } from './read-picture.ts';

/** Texts that are embedded at a time. */
const textsAtATime = 64;

type Question = Extract<PictureQuestion, { kind: 'classes' }>;

/** What the arms make of texts is kept: the next picture is mostly asked of the same ones. */
export interface TextMemory {
  key: string;
  readonly embeddings: Map<number, Float32Array[]>;
}

export const emptyMemory = (): TextMemory => ({ key: '', embeddings: new Map() });

/**
 * Of each arm the probability of each class: the softmax of the model's own logits, in doubles.
 * @param pause awaited between portions; throws where nobody waits any more
 * @throws WorkbenchError naming the picture, class or field
 */
export const answerClasses = async (
  { model, tokenizer, view, scorer }: OpenPictures,
  { arms, picture, classes, template }: Question,
  memory: TextMemory,
  pause: () => Promise<void>,
): Promise<AnswerOf<'classes'>> => {
  const began = performance.now();
  const { rows, notices } = classTexts(classes, template, tokenizer, model.architecture, 'template');
  const { width, height, mark, seen, pixels } = await readPicture(picture, view);
  const key = JSON.stringify([classes, template]);
  if (memory.key !== key) {
    memory.key = key;
    memory.embeddings.clear();
  }
  const textsOf = eachOnce(
    scorer,
    'texts',
    async (arm) => {
      const embeddings: Float32Array[] = [];
      for (let from = 0; from < rows.length; from += textsAtATime) {
        await pause();
        embeddings.push(...(await scorer.embedTexts(arm, rows.slice(from, from + textsAtATime))));
      }
      return embeddings;
    },
    memory.embeddings,
  );
  const pictureOf = eachOnce(scorer, 'pictures', (arm) => scorer.embedPictures(arm, [pixels]));
  const answers: AnswerOf<'classes'>['arms'] = [];
  for (const arm of arms) {
    await pause();
    const [logits] = await scorer.logits(arm, await pictureOf(arm), await textsOf(arm));
    assertFiniteOf(logits!, arm);
    answers.push({ probabilities: softmax(logits!), logits: [...logits!] });
  }
  return {
    kind: 'classes',
    width,
    height,
    seen: await pngOf(seen),
    arms: answers,
    notices: [...notices, ...twinNotices(classes), ...turnedNotices(mark)],
    seconds: (performance.now() - began) / 1000,
  };
};

const twinNotices = (classes: readonly string[]): string[] =>
  twinsIn(classes).map(
    (names) =>
      `${names.map((name) => `"${spokenName(name)}"`).join(' and ')} are asked for alike, so they have the same probability`,
  );

const turnedNotices = (mark: number): string[] =>
  mark === 1
    ? []
    : ['the file says that the camera was held another way; the model sees it as stored, as in training'];
