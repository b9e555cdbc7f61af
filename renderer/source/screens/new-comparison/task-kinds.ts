import type { ScoreName, Task, TaskKind } from '../../../../main/api/contract.ts';

/** What a kind of task scores: a margin can be named for each. */
export const scoresOf: Readonly<Record<TaskKind, readonly ScoreName[]>> = {
  'held-out': ['loss', 'perplexity'],
  text: ['loss', 'perplexity'],
  choices: ['accuracy', 'accuracy_characters', 'accuracy_bytes'],
  answers: ['accuracy'],
  classes: ['accuracy', 'f1'],
};

/** Kinds that one can add; the held-out rows are always there. */
export const addedKinds = ['choices', 'answers', 'classes', 'text'] as const satisfies readonly TaskKind[];
export type AddedKind = (typeof addedKinds)[number];

const starts: { readonly [K in AddedKind]: () => Task } = {
  choices: () => ({
    kind: 'choices',
    name: '',
    file: '',
    separator: null,
    limit: null,
    prompt: null,
    format: null,
    examples: null,
  }),
  answers: () => ({
    kind: 'answers',
    name: '',
    file: '',
    separator: null,
    limit: null,
    format: null,
    rule: 'gsm8k-flexible',
    answerColumn: null,
    maximumTokens: null,
    examples: null,
  }),
  classes: () => ({ kind: 'classes', name: '', file: null, separator: null, limit: null, format: null }),
  text: () => ({ kind: 'text', name: '', file: '', separator: null, limit: null, format: null }),
};

/** A task to fill in, named after its kind where nobody else is. */
export const newTask = (kind: AddedKind, taken: readonly string[]): Task => {
  const plain = kind;
  let name: string = plain;
  for (let number = 2; taken.includes(name); number++) name = `${plain} ${number}`;
  return { ...starts[kind](), name };
};
