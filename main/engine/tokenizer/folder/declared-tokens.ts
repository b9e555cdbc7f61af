import { z } from 'zod';
import { invalidInput } from '../../errors.ts';
import { isObject } from '../../json-value.ts';
import type { AddedTokenSettings } from '../added-vocabulary.ts';
import { defaultSpecialTokens, type Family } from './families.ts';

/** The small files beside tokenizer.json; empty where they are not there. */
export interface TokenFiles {
  readonly config: Readonly<Record<string, unknown>>;
  readonly specialTokensMap: Readonly<Record<string, unknown>>;
  readonly addedTokens: Readonly<Record<string, unknown>>;
}

const tokenShape = z.object({
  content: z.string(),
  single_word: z.boolean().default(false),
  lstrip: z.boolean().default(false),
  rstrip: z.boolean().default(false),
  normalized: z.boolean().optional(),
  special: z.boolean().default(false),
});

/** A special token that a file names, with its key. */
export interface NamedToken {
  readonly key: string;
  /** The class of the tokenizer names it, no file. */
  readonly isDefault: boolean;
  readonly token: AddedTokenSettings;
}

export interface DeclaredTokens {
  /** Of the vocabulary beyond tokenizer.json, in order of their ids. */
  readonly added: readonly AddedTokenSettings[];
  readonly named: readonly NamedToken[];
}

const roles = ['bos', 'eos', 'unk', 'sep', 'pad', 'cls', 'mask'].map((role) => `${role}_token`);

/**
 * The tokens that tokenizer_config.json, special_tokens_map.json and added_tokens.json declare, as transformers reads them: the
 * latter two count only where tokenizer_config.json has no added_tokens_decoder, and then special_tokens_map.json comes before
 * tokenizer_config.json.
 */
export const declaredTokens = (files: TokenFiles, family: Family, place: string): DeclaredTokens => {
  const decoder = files.config['added_tokens_decoder'];
  const isLegacy = decoder === undefined;
  const said: Record<string, unknown> = { ...files.config, ...(isLegacy && files.specialTokensMap) };
  const named = namedTokens({ ...defaultSpecialTokens[family], ...said }, place).map((entry) => ({
    ...entry,
    isDefault: entry.key.endsWith('_token') && !(entry.key in said),
  }));
  if (isLegacy) return { named, added: fromAddedTokensJson(files.addedTokens, named) };
  if (!isObject(decoder)) throw invalidInput(`${place}: added_tokens_decoder: must be a JSON object`);
  const added = Object.entries(decoder)
    .toSorted(([left], [right]) => Number(left) - Number(right))
    .map(([id, value]) => ({
      ...readToken(value, false, `${place}: added_tokens_decoder.${id}`),
      id: Number(id),
    }));
  const byContent = new Map(added.map((token) => [token.content, token]));
  return {
    added,
    named: named.map((entry) => ({
      ...entry,
      token: byContent.get(entry.token.content) ?? entry.token,
    })),
  };
};

const namedTokens = (
  settings: Record<string, unknown>,
  place: string,
): Pick<NamedToken, 'key' | 'token'>[] => {
  const extras =
    settings['extra_special_tokens'] ?? settings['additional_special_tokens'] ?? ([] as readonly unknown[]);
  const specific = settings['model_specific_special_tokens'];
  const own = Object.entries(settings).filter(
    ([key, value]) =>
      key.endsWith('_token') && (roles.includes(key) || typeof value === 'string' || isObject(value)),
  );
  const entries = [
    ...own,
    ...(isObject(specific) ? Object.entries(specific) : []),
    ...(isObject(extras) ? Object.entries(extras) : []),
    ...(Array.isArray(extras)
      ? extras.map((value): [string, unknown] => ['additional_special_tokens', value])
      : []),
  ];
  return entries.flatMap(([key, value]) =>
    value === null || value === undefined || typeof value === 'boolean'
      ? []
      : [{ key, token: readToken(value, true, `${place}: ${key}`) }],
  );
};

/** Special tokens are not normalized unless they say so. */
const readToken = (value: unknown, isSpecial: boolean, place: string): AddedTokenSettings => {
  const parsed = tokenShape.safeParse(typeof value === 'string' ? { content: value } : value);
  if (!parsed.success) throw invalidInput(`${place}: not a token`);
  const special = isSpecial || parsed.data.special;
  const { content, single_word, lstrip, rstrip, normalized = !special } = parsed.data;
  return { content, single_word, lstrip, rstrip, normalized, special };
};

const fromAddedTokensJson = (
  addedTokens: Readonly<Record<string, unknown>>,
  named: readonly NamedToken[],
): AddedTokenSettings[] => {
  const specials = new Set(named.map(({ token }) => token.content));
  return Object.entries(addedTokens)
    .filter((entry): entry is [string, number] => typeof entry[1] === 'number')
    .toSorted(([, left], [, right]) => left - right)
    .map(([content, id]) => {
      const special = specials.has(content);
      return {
        id,
        content,
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: !special,
        special,
      };
    });
};
