/** ASCII punctuation, as Python's `string.punctuation`. */
const punctuation = /[!-/:-@[-`{-~]/g;

/** As SQuAD's evaluation normalises an answer: small letters, no punctuation, no articles, single spaces. */
export const normalised = (text: string): string =>
  text
    .toLowerCase()
    .replace(punctuation, '')
    .replace(/\b(a|an|the)\b/g, ' ')
    .split(/\s+/)
    .filter((word) => word !== '')
    .join(' ');
