import type { AlignedText } from './aligned-text.ts';
import { isWhiteSpace } from './unicode/classes.ts';

/** White space is one code unit each. */
export const leadingSpaces = (text: string): number => {
  let count = 0;
  while (count < text.length && isWhiteSpace(text.charCodeAt(count))) count += 1;
  return count;
};

export const trailingSpaces = (text: string): number => {
  let count = 0;
  while (count < text.length && isWhiteSpace(text.charCodeAt(text.length - 1 - count))) count += 1;
  return count;
};

/** Without white space at its ends. The original text that it stands for still starts where it did. */
export const strip = (source: AlignedText, left: boolean, right: boolean): AlignedText => {
  const { text } = source;
  const start = left ? leadingSpaces(text) : 0;
  const end = text.length - (right ? trailingSpaces(text) : 0);
  if (start === 0 && end === text.length) return source;
  if (start >= end) return { ...source, text: '' };
  if (start === 0) return { ...source, text: text.slice(0, end) };
  return {
    ...source,
    text: text.slice(start, end),
    base: source.base + start,
    origin: source.origin + (source.alignment === null ? start : 0),
  };
};
