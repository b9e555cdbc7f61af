import { z } from 'zod';
import { WorkbenchError } from '../errors.ts';
import { addedTokenShape, addedVocabulary, type AddedTokenSettings } from './added-vocabulary.ts';
import type { AlignedText } from './aligned-text.ts';
import { readDecoder } from './decoders.ts';
import { tokenizerEngine, type Engine } from './engine.ts';
import type { DeclaredTokens } from './folder/declared-tokens.ts';
import type { TokenModel } from './models/model.ts';
import { readNormalizer } from './normalizers.ts';
import { namingPart, shapeError } from './parts.ts';
import { readPostProcessor } from './post-processors.ts';
import { readPreTokenizer } from './pre-tokenizers.ts';
import { readModel } from './read-model.ts';

/**
 * `truncation` and `padding` are not applied: transformers sets both anew for every call, and a text that is encoded for
 * training is never padded and only cut to the sequence length.
 */
const fileShape = z.strictObject({
  version: z.string().optional(),
  truncation: z.unknown().optional(),
  padding: z.unknown().optional(),
  added_tokens: z.array(addedTokenShape).default([]),
  normalizer: z.unknown().optional(),
  pre_tokenizer: z.unknown().optional(),
  post_processor: z.unknown().optional(),
  decoder: z.unknown().optional(),
  model: z.unknown().optional(),
});

export interface ReadOptions {
  /** Tokens that files beside tokenizer.json declare. */
  readonly declared?: DeclaredTokens;
  readonly splitsSpecialTokens?: boolean;
}

/**
 * The tokenizer that a tokenizer.json describes.
 * @param place the file, for errors
 * @throws WorkbenchError naming the file and the part for what is not known
 */
export const readTokenizerJson = (
  json: Readonly<Record<string, unknown>>,
  place: string,
  { splitsSpecialTokens = false, declared = { added: [], named: [] } }: ReadOptions = {},
): Engine => {
  const parsed = fileShape.safeParse(json);
  if (!parsed.success) throw shapeError(parsed.error, json, place);
  const file = parsed.data;
  if (file.version !== undefined && file.version !== '1.0')
    throw new WorkbenchError('unsupported', `${place}: version ${JSON.stringify(file.version)} is not known`);
  const read = <Part>(
    key: 'normalizer' | 'pre_tokenizer' | 'post_processor' | 'decoder',
    reader: (value: unknown, place: string) => Part,
  ): Part | null => {
    const value = file[key];
    return value === undefined || value === null ? null : reader(value, `${place}: ${key}`);
  };
  const model = readModel(file.model, `${place}: model`);
  const normalize = read('normalizer', readNormalizer) ?? ((text: AlignedText) => text);
  return tokenizerEngine({
    model,
    added: namingPart(place, () =>
      addedVocabulary({
        batches: [file.added_tokens, furtherTokens(file.added_tokens, declared, model)],
        model,
        normalize,
        splitsSpecialTokens,
      }),
    ),
    preTokenizer: read('pre_tokenizer', readPreTokenizer),
    postProcessor: read('post_processor', readPostProcessor),
    decoder: read('decoder', readDecoder),
  });
};

/**
 * What transformers adds over tokenizer.json: tokens of added_tokens_decoder or added_tokens.json that are not there in this
 * form, and special tokens of the vocabulary that were not looked for in texts yet.
 */
const furtherTokens = (
  inFile: readonly AddedTokenSettings[],
  { added, named }: DeclaredTokens,
  model: TokenModel,
): AddedTokenSettings[] => {
  const forms = new Set(inFile.map(formOf));
  const further = added.filter((token) => !forms.has(formOf(token)));
  const contents = new Set([...inFile, ...further].map(({ content }) => content));
  for (const { token } of named) {
    if (contents.has(token.content) || !model.vocabulary.has(token.content)) continue;
    contents.add(token.content);
    further.push(token);
  }
  return further;
};

const formOf = ({ content, single_word, lstrip, rstrip, normalized, special }: AddedTokenSettings): string =>
  JSON.stringify([content, single_word, lstrip, rstrip, normalized, special]);
