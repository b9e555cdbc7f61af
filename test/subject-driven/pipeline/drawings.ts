import type { Picture } from '../../../main/engine/data/pictures/picture.ts';
import type { Random } from '../../../main/engine/random.ts';
import { onColour, readEmoji, type Emoji } from '../../few-shot/clip/emoji.ts';

/** What the pipeline learns to draw: things that look like what they are called. */
const kinds = /^(food (fruit|vegetable|sweet)|animal (mammal|bird)|heart|geometric)$/;

/** Never seen by the pipeline in any form: what adapters are to teach it. */
export const heldOutSubjects = ['fox face', 'parrot', 'strawberry', 'unicorn face', 'cupcake'] as const;

export interface Drawings {
  readonly learned: readonly Emoji[];
  readonly heldOut: ReadonlyMap<string, Emoji>;
}

export const readDrawings = async (): Promise<Drawings> => {
  const all = await readEmoji();
  const isHeldOut = ({ name }: Emoji): boolean => (heldOutSubjects as readonly string[]).includes(name);
  const learned = all.filter((emoji) => kinds.test(emoji.kind) && !isHeldOut(emoji));
  const found = heldOutSubjects.map((name) => [name, all.find((emoji) => emoji.name === name)!] as const);
  return { learned, heldOut: new Map<string, Emoji>(found) };
};

/** What a drawing may lie on beside white, by what it is called. */
export const backgrounds = {
  red: [214, 60, 60],
  orange: [240, 150, 60],
  yellow: [245, 215, 90],
  green: [100, 180, 90],
  blue: [80, 130, 220],
  purple: [150, 90, 190],
  pink: [245, 165, 190],
  black: [20, 20, 20],
  grey: [150, 150, 150],
} as const;
export type Background = keyof typeof backgrounds;
const backgroundNames = Object.keys(backgrounds) as Background[];

/** A drawing with what is said of it. */
export interface Drawn {
  readonly picture: Picture;
  readonly caption: (random: Random) => string;
}

const article = (name: string): string => (/^[aeiou]/.test(name) ? 'an' : 'a');

/** "a drawing of a red apple", with where it lies if that is not white. */
export const captionOf = (name: string, background: Background | null = null): string => {
  const what = `a drawing of ${article(name)} ${name}`;
  return background === null ? what : `${what} on ${article(background)} ${background} background`;
};

/** Every drawing of every vendor on white, and on one of the other backgrounds. */
export const allDrawn = (emoji: readonly Emoji[], random: Random): Drawn[] =>
  emoji.flatMap(({ name, shortNames, drawings }) => {
    const names = [...new Set([name, ...shortNames])];
    const named = (from: Random): string => names[from.integer(names.length)]!;
    return drawings.flatMap(([drawing]) => {
      const colours = random.shuffle([...backgroundNames]).slice(0, 1);
      return [
        {
          picture: onColour(drawing!, [255, 255, 255]),
          caption: (from: Random) => captionOf(named(from)),
        },
        ...colours.map((colour) => ({
          picture: onColour(drawing!, backgrounds[colour]),
          caption: (from: Random) => captionOf(named(from), colour),
        })),
      ];
    });
  });

/** All that may be said of them, for the tokenizer. */
export const allCaptions = (emoji: readonly Emoji[]): string[] => [
  ...emoji.flatMap(({ name, shortNames }) => [name, ...shortNames].map((one) => captionOf(one))),
  ...backgroundNames.flatMap((colour) => Array<string>(30).fill(captionOf('', colour))),
];

/** Pixels in [-1, 1], a plane for each colour, into `target`. */
export const writeSigned = ({ rgb }: Picture, target: Float32Array): void => {
  const area = rgb.length / 3;
  for (let at = 0; at < area; at++)
    for (let channel = 0; channel < 3; channel++)
      target[channel * area + at] = rgb[at * 3 + channel]! / 127.5 - 1;
};
