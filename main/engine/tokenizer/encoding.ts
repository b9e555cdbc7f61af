/** Tokens of one text, or that a post-processor put there. Arrays of one length. */
export interface Encoding {
  readonly ids: number[];
  /** Which text of a pair a token counts to. */
  readonly types: number[];
  /** The half-open stretch of the original text, in UTF-16 code units, that a token comes from. */
  readonly starts: number[];
  readonly ends: number[];
  /** How the crate spells each token; left empty unless a post-processor looks at it. */
  readonly spellings: string[];
  /** 1 for tokens that the post-processor put there. */
  readonly added: number[];
}

export const emptyEncoding = (): Encoding => ({
  ids: [],
  types: [],
  starts: [],
  ends: [],
  spellings: [],
  added: [],
});

export const withTypes = (encoding: Encoding, type: number): Encoding => ({
  ...encoding,
  types: encoding.ids.map(() => type),
});

export interface AddedToken {
  readonly id: number;
  readonly spelling: string;
}

/** Tokens of a post-processor: they come from nowhere in the text. */
export const addedTokens = (tokens: readonly AddedToken[], type: number): Encoding => ({
  ids: tokens.map(({ id }) => id),
  types: tokens.map(() => type),
  starts: tokens.map(() => 0),
  ends: tokens.map(() => 0),
  spellings: tokens.map(({ spelling }) => spelling),
  added: tokens.map(() => 1),
});

export const joinEncodings = (encodings: readonly Encoding[]): Encoding => {
  if (encodings.length === 1) return encodings[0]!;
  return {
    ids: encodings.flatMap(({ ids }) => ids),
    types: encodings.flatMap(({ types }) => types),
    starts: encodings.flatMap(({ starts }) => starts),
    ends: encodings.flatMap(({ ends }) => ends),
    spellings: encodings.flatMap(({ spellings }) => spellings),
    added: encodings.flatMap(({ added }) => added),
  };
};
