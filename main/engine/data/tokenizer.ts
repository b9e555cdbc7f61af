import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { WorkbenchError } from '../errors.ts';
import { isObject, readJsonObject } from '../formats/json-text.ts';
import { cleanUp } from '../tokenizer/decoders.ts';
import { readTokenizerJson } from '../tokenizer/tokenizer-json.ts';
import { readChatTemplates } from './model-templates.ts';

/** Tokens of a text with where each comes from. Arrays of one length. */
export interface OffsetTokens {
  readonly ids: number[];
  /**
   * The half-open stretch of the text, in UTF-16 code units, that a token comes from: as the `tokenizers` crate says it, which is
   * the whole character for each token of its bytes, and without a space at either end where the post-processor trims offsets (as
   * GPT-2's and RoBERTa's do). A token that stands for nothing in the text (a space that was put before it) may have an empty
   * stretch or that of its neighbour.
   */
  readonly starts: number[];
  readonly ends: number[];
  /** 1 for tokens that the post-processor put around the text, which have start and end 0; 0 for those of the text. */
  readonly added: number[];
}

export interface Tokenizer {
  /** @param options.addSpecialTokens what the model's post-processor puts around a text, such as BOS. Default true. */
  encode(text: string, options?: { readonly addSpecialTokens?: boolean }): number[];
  /** As encode, with where in the text each token comes from. */
  encodeWithOffsets(text: string, options?: { readonly addSpecialTokens?: boolean }): OffsetTokens;
  /** A text or a pair with all that the model's post-processor puts around, and which of the two each token belongs to (0, 1). */
  encodePair(text: string, pair: string | null): { readonly ids: number[]; readonly types: number[] };
  /** @param options.skipSpecial leave out BOS, EOS and the like. Default false. */
  decode(ids: readonly number[], options?: { readonly skipSpecial?: boolean }): string;
  /** The token as the vocabulary spells it, such as "Ġthe" or "▁the". */
  tokenText(id: number): string;
  isSpecial(id: number): boolean;
  /** Words stand apart without a token for the space; what goes on with a word starts with ## (WordPiece). */
  readonly marksContinuations: boolean;
  /** One more than the largest id. */
  readonly vocabularySize: number;
  readonly bosId?: number;
  readonly eosId?: number;
  readonly padId?: number;
  readonly bosToken?: string;
  readonly eosToken?: string;
  /** The model's Jinja chat template. */
  readonly chatTemplate?: string;
  /** The one for rows with tools, where the model has several (tool_use). */
  readonly toolChatTemplate?: string;
}

/**
 * Loads tokenizer.json, with the special tokens and the chat template from the files beside it.
 * @throws WorkbenchError naming the file
 */
export function loadTokenizer(modelDirectory: string): Tokenizer {
  const path = join(modelDirectory, 'tokenizer.json');
  if (!existsSync(path)) throw missingTokenizer(modelDirectory);
  const config = readOptionalJson(modelDirectory, 'tokenizer_config.json');
  const engine = readTokenizerJson(readJsonObject(path), path);
  const ids = [...engine.model.vocabulary.values(), ...engine.added.ids.values()];
  const cleansUp = config['clean_up_tokenization_spaces'] === true;

  const encode: Tokenizer['encode'] = (text, { addSpecialTokens = true } = {}) =>
    engine.encode(text, null, { addSpecialTokens, withOffsets: false }).ids;
  const tokenText = (id: number): string => engine.tokenOf(id) ?? `<unknown ${id}>`;

  return {
    encode,
    encodeWithOffsets: (text, { addSpecialTokens = true } = {}) =>
      engine.encode(text, null, { addSpecialTokens, withOffsets: true }),
    encodePair: (text, pair) => engine.encode(text, pair, { addSpecialTokens: true, withOffsets: false }),
    decode: (decoded, { skipSpecial = false } = {}) => {
      const text = engine.decode(decoded, skipSpecial);
      return cleansUp ? cleanUp(text) : text;
    },
    tokenText,
    isSpecial: (id) => engine.added.tokens.get(id)?.special === true,
    marksContinuations: [...engine.model.vocabulary.keys()].some((token) => /^##\w/.test(token)),
    vocabularySize: ids.reduce((size, id) => Math.max(size, id + 1), 0),
    ...readSpecialTokens(modelDirectory, config, engine.idOf),
    ...readChatTemplates(modelDirectory, config),
  };
}

function readSpecialTokens(
  directory: string,
  config: Record<string, unknown>,
  idOf: (token: string) => number | undefined,
): Pick<Tokenizer, 'bosId' | 'eosId' | 'padId' | 'bosToken' | 'eosToken'> {
  const declared = { ...readOptionalJson(directory, 'special_tokens_map.json'), ...config };
  const contentOf = (key: string): string | undefined => {
    const value = declared[key];
    const content = isObject(value) ? value['content'] : value;
    return typeof content === 'string' && idOf(content) !== undefined ? content : undefined;
  };
  const [bosToken, eosToken, padToken] = ['bos_token', 'eos_token', 'pad_token'].map(contentOf);
  return {
    ...(bosToken !== undefined && { bosToken, bosId: idOf(bosToken)! }),
    ...(eosToken !== undefined && { eosToken, eosId: idOf(eosToken)! }),
    ...(padToken !== undefined && { padId: idOf(padToken)! }),
  };
}

function readOptionalJson(directory: string, name: string): Record<string, unknown> {
  const path = join(directory, name);
  return existsSync(path) ? readJsonObject(path) : {};
}

function missingTokenizer(directory: string): WorkbenchError {
  const path = join(directory, 'tokenizer.json');
  const older = ['tokenizer.model', 'vocab.json', 'vocab.txt', 'spiece.model'].find((name) =>
    existsSync(join(directory, name)),
  );
  if (older === undefined)
    return new WorkbenchError('not-found', `${path}: no such file; the model's tokenizer is needed`);
  return new WorkbenchError(
    'unsupported',
    `${path}: no such file; ${older} is there, but only the tokenizer.json form can be read`,
  );
}
