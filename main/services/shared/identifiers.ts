import { randomInt } from 'node:crypto';

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'; // without the letters that look like others

/** Twelve characters that are easy to type and safe as a file name. */
export const createId = (): string =>
  Array.from({ length: 12 }, () => alphabet[randomInt(alphabet.length)]).join('');

/** ISO 8601 in UTC. */
export const now = (): string => new Date().toISOString();
