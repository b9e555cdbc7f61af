import { unitsAt } from '../aligned-text.ts';

const encoder = new TextEncoder();

export const utf8Length = (character: string): number => {
  const unit = character.charCodeAt(0);
  if (character.length === 2) return 4;
  return unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3;
};

export const utf8Bytes = (text: string): Uint8Array => encoder.encode(text);

/**
 * The crate counts in UTF-8 bytes, this program in UTF-16 code units. Gives for a stretch of bytes the code units of the
 * characters that it touches.
 */
export const unitStretches = (
  text: string,
): ((start: number, end: number) => [start: number, end: number]) => {
  const starts: number[] = [];
  const ends: number[] = [];
  for (let at = 0; at < text.length;) {
    const units = unitsAt(text, at);
    const bytes = utf8Length(units === 1 ? text[at]! : text.slice(at, at + 2));
    for (let byte = 0; byte < bytes; byte++) {
      starts.push(at);
      ends.push(at + units);
    }
    at += units;
  }
  return (start, end) => [starts[start]!, ends[end - 1]!];
};
