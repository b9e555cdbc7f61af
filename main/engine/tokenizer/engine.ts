import { invalidInput } from '../errors.ts';
import { endOf, startOf } from './aligned-text.ts';
import type { AddedVocabulary } from './added-vocabulary.ts';
import type { Decoder } from './decoders.ts';
import { emptyEncoding, joinEncodings, type Encoding } from './encoding.ts';
import type { TokenModel } from './models/model.ts';
import type { PostProcessor } from './post-processors.ts';
import type { PreTokenizer } from './pre-tokenizers.ts';

/** The parts of a tokenizer.json. */
export interface EngineParts {
  readonly added: AddedVocabulary;
  readonly preTokenizer: PreTokenizer | null;
  readonly model: TokenModel;
  readonly postProcessor: PostProcessor | null;
  readonly decoder: Decoder | null;
}

export interface EncodeOptions {
  readonly addSpecialTokens: boolean;
  /** Work out where tokens come from; their stretches are left empty otherwise. */
  readonly withOffsets: boolean;
}

export interface Engine extends EngineParts {
  /** @throws WorkbenchError for a text that has no UTF-8 form */
  readonly encode: (text: string, pair: string | null, options: EncodeOptions) => Encoding;
  readonly decode: (ids: readonly number[], skipSpecial: boolean) => string;
  readonly tokenOf: (id: number) => string | undefined;
  readonly idOf: (token: string) => number | undefined;
}

/** Encodes and decodes as the Rust crate `tokenizers` does with the same tokenizer.json. */
export const tokenizerEngine = (parts: EngineParts): Engine => {
  const { added, model, postProcessor, decoder } = parts;
  const encodeOne = textEncoder(parts);
  return {
    ...parts,
    encode: (text, pair, { addSpecialTokens, withOffsets }) => {
      const encodings = [encodeOne(text, 0, withOffsets)];
      if (pair !== null) encodings.push(encodeOne(pair, 1, withOffsets));
      return joinEncodings(postProcessor?.process(encodings, addSpecialTokens) ?? encodings);
    },
    decode: (ids, skipSpecial) => {
      const tokens: string[] = [];
      for (const id of ids) {
        const token = added.spellingOf(id) ?? model.tokenOf(id);
        if (token === undefined || (skipSpecial && added.specialSpellings.has(token))) continue;
        tokens.push(token);
      }
      if (tokens.length === 0) return '';
      return decoder === null ? tokens.join(' ') : decoder(tokens).join('');
    },
    tokenOf: (id) => added.tokens.get(id)?.content ?? model.tokenOf(id),
    idOf: (token) => added.ids.get(token) ?? model.vocabulary.get(token),
  };
};

type TextEncoder = (text: string, type: number, withOffsets: boolean) => Encoding;

const textEncoder = ({ added, preTokenizer, model, postProcessor }: EngineParts): TextEncoder => {
  const needsSpellings = postProcessor?.needsSpellings ?? false;
  return (text, type, withOffsets) => {
    if (!text.isWellFormed())
      throw invalidInput('a text holds half of a surrogate pair, which has no UTF-8 form and so no tokens');
    const encoding = emptyEncoding(text);
    const { ids, types, starts, ends, spellings, added: isAdded } = encoding;
    for (const { piece, id } of added.extract(text)) {
      if (id !== null) {
        ids.push(id);
        if (!withOffsets) continue;
        starts.push(startOf(piece, 0));
        ends.push(endOf(piece, piece.text.length));
        if (needsSpellings) spellings.push(piece.text);
        continue;
      }
      for (const part of preTokenizer === null ? [piece] : preTokenizer(piece)) {
        const tokens = model.tokenize(part.text);
        for (const [index, tokenId] of tokens.ids.entries()) {
          ids.push(tokenId);
          if (!withOffsets) continue;
          const [start, end] = [tokens.starts[index]!, tokens.ends[index]!];
          starts.push(startOf(part, start));
          ends.push(endOf(part, end));
          if (needsSpellings) spellings.push(model.spelling(tokenId, part.text.slice(start, end)));
        }
      }
    }
    for (let index = 0; index < ids.length; index++) {
      types.push(type);
      isAdded.push(0);
    }
    return encoding;
  };
};
