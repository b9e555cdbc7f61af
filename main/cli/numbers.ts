import { invalidInput } from '../engine/errors.ts';
import { countText } from './quantities.ts';

/** @param flag for the message */
export const wholeNumber = (
  text: string | undefined,
  flag: string,
  most = Number.MAX_SAFE_INTEGER,
): number | undefined => {
  if (text === undefined) return undefined;
  const upTo = most === Number.MAX_SAFE_INTEGER ? '' : ` of at most ${countText(most)}`;
  if (!/^\d{1,15}$/.test(text) || Number(text) > most)
    throw invalidInput(`${flag}: expected a whole number${upTo}, not "${text}"`);
  return Number(text);
};
