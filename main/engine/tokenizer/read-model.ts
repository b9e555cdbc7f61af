import type { z } from 'zod';
import { invalidInput, WorkbenchError } from '../errors.ts';
import { isObject } from '../json-value.ts';
import { bytePairModel, bytePairSettings } from './models/byte-pair.ts';
import type { TokenModel } from './models/model.ts';
import { unigramModel, unigramSettings } from './models/unigram.ts';
import { wordLevelModel, wordLevelSettings } from './models/word-level.ts';
import { wordPieceModel, wordPieceSettings } from './models/word-piece.ts';
import { namingPart, shapeError } from './parts.ts';

type ModelReader = (settings: Record<string, unknown>, place: string) => TokenModel;

const reader =
  <Schema extends z.ZodType>(schema: Schema, make: (settings: z.output<Schema>) => TokenModel): ModelReader =>
  (settings, place) => {
    const parsed = schema.safeParse(settings);
    if (!parsed.success) throw shapeError(parsed.error, settings, place);
    return namingPart(place, () => make(parsed.data));
  };

const models: Readonly<Record<string, ModelReader>> = {
  BPE: reader(bytePairSettings, bytePairModel),
  Unigram: reader(unigramSettings, unigramModel),
  WordLevel: reader(wordLevelSettings, wordLevelModel),
  WordPiece: reader(wordPieceSettings, wordPieceModel),
};

/** Old files have no type; what else they say tells it. */
const typeOf = (settings: Record<string, unknown>): unknown => {
  if (settings['type'] !== undefined) return settings['type'];
  if ('merges' in settings) return 'BPE';
  if (Array.isArray(settings['vocab'])) return 'Unigram';
  return 'max_input_chars_per_word' in settings ? 'WordPiece' : 'WordLevel';
};

/** @throws WorkbenchError naming the place for what is not known */
export const readModel = (value: unknown, place: string): TokenModel => {
  if (!isObject(value)) throw invalidInput(`${place}: must be a JSON object`);
  const type = typeOf(value);
  const read = typeof type === 'string' && Object.hasOwn(models, type) ? models[type] : undefined;
  if (read === undefined)
    throw new WorkbenchError(
      'unsupported',
      `${place}: the type ${JSON.stringify(type)} is not one that this version knows (known: ${Object.keys(models).toSorted().join(', ')})`,
    );
  return read(value, place);
};
