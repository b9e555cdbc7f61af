import { invalidInput } from '../engine/errors.ts';

/** @param flag for the message */
export const wholeNumber = (text: string | undefined, flag: string): number | undefined => {
  if (text === undefined) return undefined;
  if (!/^\d{1,15}$/.test(text)) throw invalidInput(`${flag}: expected a whole number, not "${text}"`);
  return Number(text);
};
