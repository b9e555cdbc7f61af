import type { WorkbenchError } from '../../errors.ts';

/** A place in a regular expression, which reading moves on. */
export interface Cursor {
  readonly characters: readonly string[];
  at: number;
}

/** Makes the error for a construct that is not translated. */
export type Refuse = (construct: string) => WorkbenchError;

const controls: Readonly<Record<string, number>> = {
  t: 0x09,
  n: 0x0a,
  v: 0x0b,
  f: 0x0c,
  r: 0x0d,
  a: 0x07,
  e: 0x1b,
};

/** Reads \n, \x41, \x{1F600}, \u00e9 or an escaped sign, with the cursor on the backslash. */
export const readEscapedCharacter = (cursor: Cursor, refuse: Refuse): number => {
  const text = cursor.characters.slice(cursor.at, cursor.at + 14).join('');
  const code = /^\\(?:x\{([0-9a-fA-F]{1,6})\}|x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{4}))/.exec(text);
  const digits = code?.[1] ?? code?.[2] ?? code?.[3];
  if (code !== null && digits !== undefined) {
    cursor.at += code[0].length;
    return Number.parseInt(digits, 16);
  }
  const sign = cursor.characters[cursor.at + 1];
  if (sign === undefined) throw refuse('a backslash at the end');
  const control = Object.hasOwn(controls, sign) ? controls[sign] : undefined;
  if (control === undefined && /[0-9A-Za-z]/.test(sign)) throw refuse(`\\${sign}`);
  cursor.at += 2;
  return control ?? sign.codePointAt(0)!;
};
