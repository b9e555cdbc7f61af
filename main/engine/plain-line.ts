/** In characters: an error names a file and a field, and what was found there. */
const longest = 2000;

/**
 * What stands in a text and is not seen, or makes what is seen another: control characters, halves of surrogate pairs, marks that turn the
 * direction of writing, spaces without a width. Joiners within words (U+200C, U+200D) belong to some scripts and emoji.
 */
const unseen =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

const escaped = (character: string): string => `\\u{${character.charCodeAt(0).toString(16)}}`;

const lineBreaks = /[\t\n\v\f\r\u0085\u2028\u2029]+/g;

/** A text by what is seen of it: line breaks become a space, what is not seen is spelled. */
const plain = (text: string): string => text.replaceAll(lineBreaks, ' ').replaceAll(unseen, escaped);

/**
 * A text of somebody else's (a name in a file, an excerpt of it, what a library says) as one line that a person can be shown.
 * Cut where it is long, with its length.
 */
export const plainLine = (text: string, most = longest): string =>
  text.length <= most
    ? plain(text)
    : `${plain(text.slice(0, most))}… (cut, ${text.length.toLocaleString('en')} characters)`;

/** Several lines, each such a line, of any length: for a terminal, which control characters would steer. */
export const plainLines = (text: string): string =>
  text
    .split('\n')
    .map((line) => {
      const end = line.endsWith('\r') ? '\r' : ''; // a table's lines may end so; it steers nothing there
      const shown = line.slice(0, line.length - end.length);
      return `${shown.replaceAll('\t', '  ').replaceAll(unseen, escaped)}${end}`;
    })
    .join('\n');

/** A name that somebody gave, as it is kept. */
export const plainName = (name: string): string => name.replaceAll(lineBreaks, ' ').replaceAll(unseen, '');
