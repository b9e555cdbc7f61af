import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as library from '@huggingface/tokenizers';
import { invalidInput, WorkbenchError } from '../errors.ts';
import { isObject, readJsonObject, readText } from '../formats/json-text.ts';

/**
 * What is used of the library's Tokenizer class. Its own declarations import each other without file extensions, which
 * NodeNext can't resolve, so that everything in them would be `any`.
 */
interface TokenizerModel {
  encode(
    text: string,
    options: { add_special_tokens: boolean; text_pair?: string | null; return_token_type_ids?: boolean },
  ): { ids: number[]; token_type_ids?: number[] };
  decode(ids: number[], options: { clean_up_tokenization_spaces: boolean }): string;
  id_to_token(id: number): string | undefined;
  get_added_tokens_decoder(): Map<number, { special: boolean }>;
  get_vocab(withAddedTokens: boolean): Map<string, number>;
}

const { Tokenizer: TokenizerModel } = library as unknown as {
  Tokenizer: new (tokenizer: object, config: object) => TokenizerModel;
};

export interface Tokenizer {
  /** @param options.addSpecialTokens what the model's post-processor puts around a text, such as BOS. Default true. */
  encode(text: string, options?: { readonly addSpecialTokens?: boolean }): number[];
  /**
   * As encode without special tokens, for a text that goes on from other text: tokenizers that put a space before every text
   * (SentencePiece) don't put one here.
   */
  encodeContinuation(text: string): number[];
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
}

/**
 * Loads tokenizer.json, with the special tokens and the chat template from the files beside it.
 * @throws WorkbenchError naming the file
 */
export function loadTokenizer(modelDirectory: string): Tokenizer {
  const path = join(modelDirectory, 'tokenizer.json');
  if (!existsSync(path)) throw missingTokenizer(modelDirectory);
  const config = readOptionalJson(modelDirectory, 'tokenizer_config.json');
  const model = buildModel(path, config);
  const vocabulary = model.get_vocab(true);
  let vocabularySize = 0;
  for (const id of vocabulary.values()) vocabularySize = Math.max(vocabularySize, id + 1);

  const encode: Tokenizer['encode'] = (text, { addSpecialTokens = true } = {}) =>
    text === '' && !addSpecialTokens ? [] : model.encode(text, { add_special_tokens: addSpecialTokens }).ids;
  const tokenText = (id: number): string => model.id_to_token(id) ?? `<unknown ${id}>`;
  const specialIds = new Set<number>();
  for (const [id, token] of model.get_added_tokens_decoder()) if (token.special) specialIds.add(id);

  return {
    encode,
    encodeContinuation: continuationEncoder(encode, tokenText),
    encodePair: (text, pair) => {
      const { ids, token_type_ids: types } = model.encode(text, {
        text_pair: pair,
        add_special_tokens: true,
        return_token_type_ids: true,
      });
      return { ids, types: types ?? ids.map(() => 0) };
    },
    decode: (ids, { skipSpecial = false } = {}) => {
      const kept = skipSpecial ? ids.filter((id) => !specialIds.has(id)) : [...ids];
      return kept.length === 0
        ? ''
        : model.decode(kept, {
            clean_up_tokenization_spaces: config['clean_up_tokenization_spaces'] === true,
          });
    },
    tokenText,
    isSpecial: (id) => specialIds.has(id),
    marksContinuations: [...vocabulary.keys()].some((token) => /^##\w/.test(token)),
    vocabularySize,
    ...readSpecialTokens(modelDirectory, config, vocabulary),
    ...readChatTemplate(modelDirectory, config),
  };
}

function buildModel(path: string, config: Record<string, unknown>): TokenizerModel {
  try {
    return new TokenizerModel(readJsonObject(path), config);
  } catch (error) {
    if (error instanceof WorkbenchError) throw error;
    throw invalidInput(`${path}: not a tokenizer that can be used (${(error as Error).message})`, {
      cause: error,
    });
  }
}

/**
 * A text behind a line break gets no space put before it, so: encode it behind one and drop the line break's tokens. Only for tokenizers that
 * put a space before a text; the others need no detour.
 */
function continuationEncoder(
  encode: Tokenizer['encode'],
  tokenText: (id: number) => string,
): Tokenizer['encodeContinuation'] {
  const plain = (text: string): number[] => encode(text, { addSpecialTokens: false });
  const [first] = plain('a');
  const putsSpaceBefore = first !== undefined && /^[▁Ġ]/.test(tokenText(first));
  if (!putsSpaceBefore) return plain;
  const lineBreak = plain('\n');
  return (text) => {
    const ids = plain(`\n${text}`);
    const holds = lineBreak.every((id, index) => ids[index] === id);
    return holds ? ids.slice(lineBreak.length) : plain(text);
  };
}

function readSpecialTokens(
  directory: string,
  config: Record<string, unknown>,
  vocabulary: ReadonlyMap<string, number>,
): Pick<Tokenizer, 'bosId' | 'eosId' | 'padId' | 'bosToken' | 'eosToken'> {
  const declared = { ...readOptionalJson(directory, 'special_tokens_map.json'), ...config };
  const contentOf = (key: string): string | undefined => {
    const value = declared[key];
    const content = isObject(value) ? value['content'] : value;
    return typeof content === 'string' && vocabulary.has(content) ? content : undefined;
  };
  const [bosToken, eosToken, padToken] = ['bos_token', 'eos_token', 'pad_token'].map(contentOf);
  return {
    ...(bosToken !== undefined && { bosToken, bosId: vocabulary.get(bosToken)! }),
    ...(eosToken !== undefined && { eosToken, eosId: vocabulary.get(eosToken)! }),
    ...(padToken !== undefined && { padId: vocabulary.get(padToken)! }),
  };
}

/** chat_template.jinja comes before chat_template in tokenizer_config.json: a text, or a list of which 'default' is taken. */
function readChatTemplate(
  directory: string,
  config: Record<string, unknown>,
): Pick<Tokenizer, 'chatTemplate'> {
  const path = join(directory, 'chat_template.jinja');
  if (existsSync(path)) return { chatTemplate: readText(path) };
  const declared =
    config['chat_template'] ?? readOptionalJson(directory, 'chat_template.json')['chat_template'];
  if (typeof declared === 'string') return { chatTemplate: declared };
  if (!Array.isArray(declared)) return {};
  const named: unknown = declared.find((entry) => isObject(entry) && entry['name'] === 'default');
  return isObject(named) && typeof named['template'] === 'string' ? { chatTemplate: named['template'] } : {};
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
