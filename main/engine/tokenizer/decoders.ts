import { z } from 'zod';
import { invalidInput } from '../errors.ts';
import { bytesOfToken } from './byte-alphabet.ts';
import {
  characterShape,
  part,
  patternShape,
  patternSpans,
  readPart,
  readParts,
  type PartTable,
} from './parts.ts';
import { schemeOf } from './pre-tokenizers.ts';

/** Turns the spellings of tokens into pieces of text that are joined in order. */
export type Decoder = (tokens: readonly string[]) => readonly string[];

const perToken =
  (change: (token: string, index: number) => string): Decoder =>
  (tokens) =>
    tokens.map(change);

/** What English punctuation and short forms lose before them. */
const cleanedUp: readonly (readonly [string, string])[] = [
  [' .', '.'],
  [' ?', '?'],
  [' !', '!'],
  [' ,', ','],
  [" ' ", "'"],
  [" n't", "n't"],
  [" 'm", "'m"],
  [' do not', " don't"],
  [" 's", "'s"],
  [" 've", "'ve"],
  [" 're", "'re"],
];

const cleanUp = (text: string): string =>
  cleanedUp.reduce((cleaned, [from, to]) => cleaned.replaceAll(from, to), text);

/** clean_up_tokenization_spaces of transformers, which leaves "do not" as it is. */
export const cleanUpEnglish = (text: string): string =>
  cleanedUp.reduce(
    (cleaned, [from, to]) => (from === ' do not' ? cleaned : cleaned.replaceAll(from, to)),
    text,
  );

const decodeBytes = (bytes: Iterable<number>, isStrict: boolean): string =>
  new TextDecoder('utf-8', { fatal: isStrict, ignoreBOM: true }).decode(Uint8Array.from(bytes));

const byteFallback: Decoder = (tokens) => {
  const pieces: string[] = [];
  let bytes: number[] = [];
  const flush = (): void => {
    if (bytes.length === 0) return;
    try {
      pieces.push(decodeBytes(bytes, true));
    } catch {
      pieces.push(...bytes.map(() => '\ufffd'));
    }
    bytes = [];
  };
  for (const token of tokens) {
    const digits = /^<0x([0-9A-Fa-f]{2})>$/.exec(token)?.[1];
    if (digits !== undefined) {
      bytes.push(Number.parseInt(digits, 16));
      continue;
    }
    flush();
    pieces.push(token);
  }
  flush();
  return pieces;
};

/** Takes `content` off the ends, at most so often. */
const stripEnds = (token: string, content: string, atStart: number, atEnd: number): string => {
  const characters = [...token];
  let start = 0;
  while (start < atStart && characters[start] === content) start += 1;
  let end = characters.length;
  while (end > 0 && characters.length - end < atEnd && characters[end - 1] === content) end -= 1;
  return characters.slice(start, Math.max(start, end)).join('');
};

const table: PartTable<Decoder> = {
  BPEDecoder: part(
    { suffix: z.string() },
    ({ suffix }) =>
      (tokens) =>
        tokens.map((token, index) => replaceText(token, suffix, index === tokens.length - 1 ? '' : ' ')),
  ),
  ByteFallback: part({}, () => byteFallback),
  ByteLevel: part(
    {
      add_prefix_space: z.boolean().optional(),
      trim_offsets: z.boolean().optional(),
      use_regex: z.boolean().optional(),
    },
    () => (tokens) => {
      const bytes: number[] = [];
      for (const token of tokens) for (const byte of bytesOfToken(token)) bytes.push(byte);
      return [decodeBytes(bytes, false)];
    },
  ),
  CTC: part(
    { pad_token: z.string(), word_delimiter_token: z.string(), cleanup: z.boolean() },
    (settings) => (tokens) =>
      tokens
        .filter((token, index) => token !== tokens[index - 1])
        .map((token) => {
          const bare = replaceText(token, settings.pad_token, '');
          return settings.cleanup ? replaceText(cleanUp(bare), settings.word_delimiter_token, ' ') : bare;
        })
        .filter((token) => token !== ''),
  ),
  Fuse: part({}, () => (tokens) => [tokens.join('')]),
  Metaspace: part(
    {
      replacement: characterShape,
      prepend_scheme: z.enum(['always', 'first', 'never']).default('always'),
      split: z.boolean().nullish(),
      add_prefix_space: z.boolean().nullish(),
      str_rep: z.string().nullish(),
    },
    (settings) => {
      const isOpened = schemeOf(settings) !== 'never';
      return perToken((token, index) =>
        token.replaceAll(settings.replacement, index === 0 && isOpened ? '' : ' '),
      );
    },
  ),
  Replace: part({ pattern: patternShape, content: z.string() }, ({ pattern, content }) => {
    const find = patternSpans(pattern);
    return perToken((token) => {
      const spans = find(token);
      refuseLonger(token.length + content.length * spans.length);
      return spans.map(({ start, end, isMatch }) => (isMatch ? content : token.slice(start, end))).join('');
    });
  }),
  Sequence: part({ decoders: z.array(z.unknown()) }, (settings, place) => {
    const steps = readParts(table, settings.decoders, `${place}.decoders`);
    return (tokens) => steps.reduce((current, step) => refuseLong(step(current)), tokens);
  }),
  Strip: part(
    { content: characterShape, start: z.int().nonnegative(), stop: z.int().nonnegative() },
    ({ content, start, stop }) => perToken((token) => stripEnds(token, content, start, stop)),
  ),
  WordPiece: part({ prefix: z.string(), cleanup: z.boolean() }, ({ prefix, cleanup }) =>
    perToken((token, index) => {
      const continues = index !== 0 && token.startsWith(prefix);
      const spaced = index === 0 ? token : continues ? token.slice(prefix.length) : ` ${token}`;
      return cleanup ? cleanUp(spaced) : spaced;
    }),
  ),
};

/** In UTF-16 code units: far more than an answer has. */
const longestText = 2 ** 22;

const refuseLonger = (length: number): void => {
  if (length > longestText)
    throw invalidInput(
      `the decoder makes more than ${longestText.toLocaleString('en')} characters of its tokens`,
    );
};

const refuseLong = (tokens: readonly string[]): readonly string[] => {
  refuseLonger(tokens.reduce((sum, token) => sum + token.length, 0));
  return tokens;
};

const replaceText = (text: string, from: string, to: string): string => text.split(from).join(to);

/** @throws WorkbenchError naming the place for what is not known */
export const readDecoder = (value: unknown, place: string): Decoder => readPart(table, value, place);
