import type { Background } from '../pipeline/drawings.ts';

/** A word that no caption of the pipeline has: it stands for the subject. */
export const identifier = 'sks';

interface Subject {
  /** What it is one of, in a word that the pipeline knows. */
  readonly kind: string;
  readonly source: 'photos' | 'drawings';
}

/** What adapters learn to draw. Drawings are those that the pipeline has never seen, by their name. */
export const subjects = {
  dog: { kind: 'dog', source: 'photos' },
  parrot: { kind: 'bird', source: 'drawings' },
  'unicorn face': { kind: 'horse face', source: 'drawings' },
} as const satisfies Readonly<Record<string, Subject>>;

export type SubjectName = keyof typeof subjects;
export const subjectNames = Object.keys(subjects) as SubjectName[];

/** Where the subject is drawn to be looked at: beside none, backgrounds that its pictures for training have not. */
export const shownBackgrounds: readonly (Background | null)[] = [null, 'red', 'green', 'purple'];
/** Those that drawings have for training, beside white. */
export const trainedBackgrounds: readonly Background[] = ['blue', 'yellow', 'grey'];
