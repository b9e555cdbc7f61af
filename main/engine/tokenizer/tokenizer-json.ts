import { z } from 'zod';
import { WorkbenchError } from '../errors.ts';
import { addedTokenShape, addedVocabulary } from './added-vocabulary.ts';
import type { AlignedText } from './aligned-text.ts';
import { readDecoder } from './decoders.ts';
import { tokenizerEngine, type Engine } from './engine.ts';
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
  readonly splitsSpecialTokens?: boolean;
}

/**
 * The tokenizer that a tokenizer.json describes.
 * @param place the file, for errors
 * @throws WorkbenchError naming the file and the part for what is not known
 */
export function readTokenizerJson(
  json: Record<string, unknown>,
  place: string,
  { splitsSpecialTokens = false }: ReadOptions = {},
): Engine {
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
      addedVocabulary({ settings: file.added_tokens, model, normalize, splitsSpecialTokens }),
    ),
    preTokenizer: read('pre_tokenizer', readPreTokenizer),
    postProcessor: read('post_processor', readPostProcessor),
    decoder: read('decoder', readDecoder),
  });
}
