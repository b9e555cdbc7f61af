import { captionOf } from './drawings.ts';

const names = [
  ['red apple', 'banana', 'blue heart', 'dog', 'cat face', 'cow', 'penguin', 'doughnut'],
  [
    'large green circle',
    'carrot',
    'panda face',
    'tiger face',
    'pineapple',
    'elephant',
    'owl',
    'purple heart',
  ],
];

/** By which the pipeline is looked at, in rows. */
export const shownPrompts: readonly (readonly string[])[] = [
  ...names.map((row) => row.map((name) => captionOf(name))),
  ['dog', 'red apple'].flatMap((name) =>
    (['red', 'blue', 'green', 'yellow'] as const).map((colour) => captionOf(name, colour)),
  ),
];
