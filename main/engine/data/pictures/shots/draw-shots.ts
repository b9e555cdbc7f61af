import { invalidInput } from '../../../errors.ts';
import { createPythonRandom, type PythonRandom } from './python-random.ts';

export interface Labelled {
  /** From 0. */
  readonly label: number;
}

export interface ShotsQuestion<Entry extends Labelled> {
  /** For errors. */
  readonly classes: readonly string[];
  readonly train: readonly Entry[];
  /** Null where there are none apart: both are then drawn from those to train on, as CLIP-LoRA does for ImageNet. */
  readonly validation: readonly Entry[] | null;
  /** Pictures of each class to train on. */
  readonly shots: number;
  readonly seed: number;
  /** Whether a class with fewer pictures may have some of them several times, as the published code draws them. */
  readonly repeat: boolean;
}

export interface Shots<Entry> {
  readonly train: readonly Entry[];
  readonly validation: readonly Entry[];
}

export const publishedShots = [1, 2, 4, 8, 16] as const;
/** To validate with, each class has as many as to train on, and no more than these. */
const mostToValidate = 4;
export const shotsToValidate = (shots: number): number => Math.min(mostToValidate, shots);

/**
 * The few pictures of each class that CLIP-LoRA draws, the very same ones: Python's generator, first for validation and then for training, classes in
 * the order in which the data first has them.
 * @throws WorkbenchError naming the class that has too few
 */
export const drawShots = <Entry extends Labelled>(question: ShotsQuestion<Entry>): Shots<Entry> => {
  const { shots, seed } = question;
  if (!Number.isInteger(shots) || shots < 1)
    throw invalidInput(`shots: ${shots} is not a whole number of at least 1`);
  const toValidate = shotsToValidate(shots);
  const random = createPythonRandom(seed);
  if (question.validation === null) return drawTogether(question, toValidate, random);
  const draw = (entries: readonly Entry[], count: number, purpose: string): Entry[] =>
    byClass(entries).flatMap((ofClass) => {
      if (ofClass.length >= count) return random.sample(ofClass, count);
      if (question.repeat) return random.choices(ofClass, count);
      throw tooFew(question, ofClass, count, purpose);
    });
  refuseEmptyClasses(question);
  const validation = draw(question.validation, toValidate, 'to validate with');
  return { validation, train: draw(question.train, shots, 'to train on') };
};

const drawTogether = <Entry extends Labelled>(
  question: ShotsQuestion<Entry>,
  toValidate: number,
  random: PythonRandom,
): Shots<Entry> => {
  refuseEmptyClasses(question);
  const drawn = byClass(question.train).map((ofClass) => {
    const count = question.shots + toValidate;
    if (ofClass.length < count)
      throw tooFew(question, ofClass, count, `to train on and, ${toValidate} of them, to validate with`);
    return random.sample(ofClass, count);
  });
  return {
    train: drawn.flatMap((ofClass) => ofClass.slice(0, question.shots)),
    validation: drawn.flatMap((ofClass) => ofClass.slice(question.shots)),
  };
};

/** Classes in the order in which they first come. */
const byClass = <Entry extends Labelled>(entries: readonly Entry[]): Entry[][] => {
  const classes = new Map<number, Entry[]>();
  for (const entry of entries) {
    const ofClass = classes.get(entry.label);
    if (ofClass === undefined) classes.set(entry.label, [entry]);
    else ofClass.push(entry);
  }
  return [...classes.values()];
};

const refuseEmptyClasses = <Entry extends Labelled>({ classes, train }: ShotsQuestion<Entry>): void => {
  const there = new Set(train.map(({ label }) => label));
  const without = classes.findIndex((_, label) => !there.has(label));
  if (without !== -1) throw invalidInput(`the class "${classes[without]!}" has no picture to train on`);
};

const tooFew = <Entry extends Labelled>(
  { classes }: ShotsQuestion<Entry>,
  ofClass: readonly Entry[],
  count: number,
  purpose: string,
) => {
  const there = `${ofClass.length} picture${ofClass.length === 1 ? '' : 's'}`;
  return invalidInput(
    `the class "${classes[ofClass[0]!.label]!}" has ${there}, and ${count} were asked for ${purpose}: add some, or ask for fewer shots`,
  );
};
