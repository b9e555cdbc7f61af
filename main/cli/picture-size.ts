import { invalidInput } from '../engine/errors.ts';

/** A size of pictures as a flag has it: `512`, or `512x768`, width first. @throws invalid-input naming the flag */
export const readPictureSize = (
  text: string | undefined,
  flag: string,
): { readonly width: number; readonly height: number } | undefined => {
  if (text === undefined) return undefined;
  const [, width, height = width] = /^(\d{1,5})(?:x(\d{1,5}))?$/.exec(text) ?? [];
  if (width === undefined)
    throw invalidInput(`${flag}: expected pixels, as 512 or 512x768 (width first), not "${text}"`);
  return { width: Number(width), height: Number(height) };
};
