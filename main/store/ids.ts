import { randomInt } from 'node:crypto';

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'; // without the letters that look like others

/** Twelve characters that are easy to type and safe as a file name. */
export const createId = (): string =>
  Array.from({ length: 12 }, () => alphabet[randomInt(alphabet.length)]).join('');

/** Whether it could be one of ours: what bears another name is somebody else's. */
export const isId = (text: string): boolean =>
  text.length === 12 && [...text].every((character) => alphabet.includes(character));
