import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { invalidInput, WorkbenchError } from '../../errors.ts';
import { readJsonObject } from '../../formats/json-text.ts';
import { pathIn } from '../../formats/path-in.ts';
import { refuseUnknown } from '../../formats/unknown-keys.ts';
import type { Engine } from '../../tokenizer/engine.ts';
import { applySettings } from '../../tokenizer/folder/apply-settings.ts';
import { readChatTemplates } from '../../tokenizer/folder/chat-templates.ts';
import { declaredTokens, type NamedToken } from '../../tokenizer/folder/declared-tokens.ts';
import { familyOf, padsOnLeft, type Family } from '../../tokenizer/folder/families.ts';
import { checkFrameSettings } from '../../tokenizer/folder/frame-settings.ts';
import { knownTokenizerKeys } from '../../tokenizer/folder/known-keys.ts';
import { cleanUpEnglish } from '../../tokenizer/decoders.ts';
import { readTokenizerJson } from '../../tokenizer/tokenizer-json.ts';

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
  /** Where padding stands, for models that see it. */
  readonly padSide: 'left' | 'right';
  /** Whether transformers hands a model a mask of padding (model_input_names of tokenizer_config.json, which it has unless that says otherwise). */
  readonly masksPadding: boolean;
  readonly bosToken?: string;
  readonly eosToken?: string;
  /** All of them by their roles (bos_token, unk_token, ...), as chat templates are given them. */
  readonly specialTokens: Readonly<Record<string, string>>;
  /** The model's Jinja chat template. */
  readonly chatTemplate?: string;
  /** The one for rows with tools, where the model has several (tool_use). */
  readonly toolChatTemplate?: string;
  /** Sentences for whoever uses the model: where versions of transformers differ on this folder, tokens that can't be used. */
  readonly notices: readonly string[];
}

/**
 * Loads tokenizer.json, with what tokenizer_config.json, special_tokens_map.json, added_tokens.json and the chat template files
 * beside it say, as transformers does.
 * @throws WorkbenchError naming the file
 */
export const loadTokenizer = (modelDirectory: string): Tokenizer => {
  const path = pathIn(modelDirectory, 'tokenizer.json');
  if (!existsSync(path)) throw missingTokenizer(modelDirectory);
  const read = (name: string): Record<string, unknown> => readOptionalJson(modelDirectory, name);
  return makeTokenizer({ directory: modelDirectory, json: readJsonObject(path), path, read });
};

/** What a tokenizer is made of. */
export interface TokenizerSource {
  /** Where its files are, or what stands for that in messages. */
  readonly directory: string;
  /** tokenizer.json, or what stands for it, and where it is from. */
  readonly json: Readonly<Record<string, unknown>>;
  readonly path: string;
  /** The small files beside it, by name; empty where one is not there. */
  readonly read: (name: string) => Readonly<Record<string, unknown>>;
}

/** @throws WorkbenchError naming the file */
export const makeTokenizer = ({
  directory: modelDirectory,
  json,
  path,
  read,
}: TokenizerSource): Tokenizer => {
  const config = read('tokenizer_config.json');
  const configPath = join(modelDirectory, 'tokenizer_config.json');
  refuseUnknown(config, knownTokenizerKeys(config), `${configPath}: `, 'tokenizers');
  const modelType = read('config.json')['model_type'];
  const family = familyOf(config['tokenizer_class'], modelType);
  const declared = declaredTokens(
    { config, specialTokensMap: read('special_tokens_map.json'), addedTokens: read('added_tokens.json') },
    family,
    configPath,
  );
  const applied = applySettings(json, config, family, configPath);
  const engine = readTokenizerJson(applied.json, path, {
    splitsSpecialTokens: config['split_special_tokens'] === true,
    declared,
  });
  const roles = specialRoles(engine, declared.named);
  const frameNotices = checkFrameSettings(
    engine,
    config,
    { bos: roles.bosId, eos: roles.eosId },
    family,
    configPath,
  );
  const chatTemplates = readChatTemplates(modelDirectory, config, read('chat_template.json'));
  const chatTemplate = chatTemplates.get('default');
  const toolChatTemplate = chatTemplates.get('tool_use');
  const notices = [
    ...applied.notices,
    ...frameNotices,
    ...unusedTokens(engine, declared.named),
    ...(family === 'gemma' && modelType === 'siglip' && keepsCapitals(engine) ? [capitals] : []),
  ];
  return {
    ...encoders(engine, config['clean_up_tokenization_spaces'] === true),
    ...roles,
    ...paddingOf(config, family, configPath),
    ...(chatTemplate !== undefined && { chatTemplate }),
    ...(toolChatTemplate !== undefined && { toolChatTemplate }),
    notices: notices.map((notice) => `${modelDirectory}: ${notice}`),
  };
};

const capitals =
  'SigLIP 2 was trained on texts in lower case, and this tokenizer keeps capitals, as in transformers: write prompts and classes in lower case, or say "tokenizer_class": "Siglip2Tokenizer" in tokenizer_config.json';

const keepsCapitals = (engine: Engine): boolean => {
  const idsOf = (text: string): string =>
    engine.encode(text, null, { addSpecialTokens: false, withOffsets: false }).ids.join();
  return idsOf('A') !== idsOf('a');
};

const paddingOf = (
  { padding_side: side, model_input_names: names }: Readonly<Record<string, unknown>>,
  family: Family,
  place: string,
): Pick<Tokenizer, 'padSide' | 'masksPadding'> => {
  if (side !== undefined && side !== null && side !== 'left' && side !== 'right')
    throw invalidInput(`${place}: padding_side: is ${JSON.stringify(side)}, not "left" or "right"`);
  return {
    padSide: side ?? (padsOnLeft.has(family) ? 'left' : 'right'),
    masksPadding: !Array.isArray(names) || names.includes('attention_mask'),
  };
};

type Encoders = Omit<Tokenizer, 'notices' | 'specialTokens' | 'padSide' | 'masksPadding'>;

const encoders = (engine: Engine, cleansUp: boolean): Encoders => {
  const ids = [...engine.model.vocabulary.values(), ...engine.added.ids.values()];
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
      return cleansUp ? cleanUpEnglish(text) : text;
    },
    tokenText,
    isSpecial: (id) => engine.added.tokens.get(id)?.special === true,
    marksContinuations: [...engine.model.vocabulary.keys()].some((token) => /^##\w/.test(token)),
    vocabularySize: ids.reduce((size, id) => Math.max(size, id + 1), 0),
  };
};

/** Tokens that the vocabulary does not have do not count. */
const specialRoles = (
  engine: Engine,
  named: readonly NamedToken[],
): Pick<Tokenizer, 'bosId' | 'eosId' | 'padId' | 'bosToken' | 'eosToken' | 'specialTokens'> => {
  const inRole = (key: string): { token: string; id: number } | undefined => {
    const token = named.find((declared) => declared.key === key)?.token.content;
    const id = token === undefined ? undefined : engine.idOf(token);
    return token === undefined || id === undefined ? undefined : { token, id };
  };
  const [bos, eos, pad] = [inRole('bos_token'), inRole('eos_token'), inRole('pad_token')];
  const inVocabulary = named.filter(
    ({ key, token }) => key.endsWith('_token') && engine.idOf(token.content) !== undefined,
  );
  return {
    specialTokens: Object.fromEntries(inVocabulary.map(({ key, token }) => [key, token.content])),
    ...(bos !== undefined && { bosToken: bos.token, bosId: bos.id }),
    ...(eos !== undefined && { eosToken: eos.token, eosId: eos.id }),
    ...(pad !== undefined && { padId: pad.id }),
  };
};

const unusedTokens = (engine: Engine, named: readonly NamedToken[]): string[] =>
  named
    .filter(
      ({ token, isDefault }) =>
        !isDefault && token.content !== '' && engine.idOf(token.content) === undefined,
    )
    .map(
      ({ key, token }) =>
        `${key} ${JSON.stringify(token.content)} is not in the vocabulary, so it is not used; transformers puts it behind the vocabulary, where the model may have no row`,
    );

/** A file of a folder, which may be missing. */
export const readOptionalJson = (directory: string, name: string): Record<string, unknown> => {
  const path = pathIn(directory, name);
  return existsSync(path) ? readJsonObject(path) : {};
};

const missingTokenizer = (directory: string): WorkbenchError => {
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
};
