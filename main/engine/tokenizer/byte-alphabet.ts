import { mapCharacters, type AlignedText } from './aligned-text.ts';

/**
 * GPT-2's alphabet: each byte as a character that can be seen. Printable ASCII and Latin-1 stand for themselves, the other 68
 * bytes for the characters from U+0100 on.
 */
export const byteCharacters: readonly string[] = (() => {
  let other = 0x100;
  return Array.from({ length: 256 }, (_, byte) => {
    const isPrintable = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xff && byte !== 0xad);
    return String.fromCharCode(isPrintable ? byte : other++);
  });
})();

const bytesOfCharacters = new Map(byteCharacters.map((character, byte) => [character, byte]));

const encoder = new TextEncoder();

const spelledNonAscii = (character: string): string => {
  let spelled = '';
  for (const byte of encoder.encode(character)) spelled += byteCharacters[byte]!;
  return spelled;
};

/** A text's UTF-8 bytes in the alphabet. */
export const spellBytes = (text: AlignedText): AlignedText => {
  const ascii = spelledAscii(text.text);
  if (ascii !== null) return ascii === text.text ? text : { ...text, text: ascii };
  return mapCharacters(text, (character) => {
    const unit = character.charCodeAt(0);
    return unit < 0x80 ? byteCharacters[unit]! : spelledNonAscii(character);
  });
};

/** ASCII keeps its length, so that its alignment stays. Null for other texts. */
const spelledAscii = (text: string): string | null => {
  let spelled = '';
  let kept = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit >= 0x80) return null;
    if (unit >= 0x21 && unit !== 0x7f) continue;
    spelled += text.slice(kept, at) + byteCharacters[unit]!;
    kept = at + 1;
  }
  return kept === 0 ? text : spelled + text.slice(kept);
};

/** The bytes that a token spells, or its own UTF-8 bytes where it has a character that is not of the alphabet. */
export const bytesOfToken = (token: string): Iterable<number> => {
  const bytes: number[] = [];
  for (const character of token) {
    const byte = bytesOfCharacters.get(character);
    if (byte === undefined) return encoder.encode(token);
    bytes.push(byte);
  }
  return bytes;
};
