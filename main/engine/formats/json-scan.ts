const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const [openingBracket, closingBracket] = [0x5b, 0x5d];
const [openingBrace, closingBrace] = [0x7b, 0x7d];

/** The quote that closes a string which begins at `start`, or the end of the text. */
export const endOfString = (text: string, start: number): number => {
  for (let at = text.indexOf('"', start + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let before = at;
    while (text.charCodeAt(before - 1) === backslash) before -= 1;
    if ((at - before) % 2 === 0) return at;
  }
  return text.length;
};

export interface JsonLimits {
  /** Objects and lists within each other. */
  readonly depth: number;
  /** Values, about: each takes some ten bytes of memory at least, whatever it took in the text. */
  readonly values: number;
}

/** Which limit a text would pass if it were parsed, in one pass over what stands outside strings. It need not be JSON. */
export const passedLimit = (text: string, most: JsonLimits): keyof JsonLimits | null => {
  let depth = 0;
  let values = 1;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === quote) at = endOfString(text, at);
    else if (unit === comma) values += 1;
    else if (unit === openingBracket || unit === openingBrace) {
      depth += 1;
      values += 1;
      if (depth > most.depth) return 'depth';
    } else if (unit === closingBracket || unit === closingBrace) depth -= 1;
    if (values > most.values) return 'values';
  }
  return null;
};
