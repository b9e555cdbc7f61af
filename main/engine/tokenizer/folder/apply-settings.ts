import { WorkbenchError } from '../../errors.ts';
import { isObject } from '../../json-value.ts';
import type { Family } from './families.ts';

type Json = Readonly<Record<string, unknown>>;

export interface AppliedSettings {
  /** tokenizer.json with what tokenizer_config.json says over it. */
  readonly json: Json;
  /** Where versions of transformers give the folder different tokens, and which are taken. */
  readonly notices: readonly string[];
}

/**
 * What transformers applies over tokenizer.json from tokenizer_config.json. What versions 4.57 and 5 both do is done; a key that
 * is there and that only one of them follows, to another result, is refused, since nobody can know which the model was made
 * with; where they differ without a key that says so, tokenizer.json is followed and a notice says it.
 * @param place tokenizer_config.json, for errors
 */
export const applySettings = (json: Json, config: Json, family: Family, place: string): AppliedSettings => {
  const steps = [bertSettings, siglipTexts, prefixSpace, metaspacePrefix, ownPreTokenizer];
  let applied: AppliedSettings = { json, notices: [] };
  for (const step of steps) {
    const next = step(applied.json, config, family, place);
    applied = { json: next.json, notices: [...applied.notices, ...next.notices] };
  }
  return applied;
};

const unchanged = (json: Json, ...notices: readonly string[]): AppliedSettings => ({ json, notices });

export const disagreement = (place: string, key: string, value: unknown, rest: string): WorkbenchError =>
  new WorkbenchError(
    'unsupported',
    `${place}: ${key} is ${JSON.stringify(value)}, but ${rest}; versions of transformers follow the one or the other, so let the two files agree`,
  );

/** Both versions set BertNormalizer from the configuration, whose defaults count too. */
const bertSettings = (json: Json, config: Json, family: Family, place: string): AppliedSettings => {
  if (family !== 'bert') return unchanged(json);
  const { normalizer } = json;
  const settings = {
    lowercase: config['do_lower_case'] ?? true,
    strip_accents: config['strip_accents'] ?? null,
    handle_chinese_chars: config['tokenize_chinese_chars'] ?? true,
  };
  if (!isObject(normalizer) || normalizer['type'] !== 'BertNormalizer') {
    const said = ['do_lower_case', 'strip_accents', 'tokenize_chinese_chars'].find(
      (key) => config[key] !== undefined && config[key] !== null,
    );
    if (said === undefined) return unchanged(json, otherNormalizer);
    throw disagreement(place, said, config[said], 'the normalizer of tokenizer.json is not BertNormalizer');
  }
  return unchanged({ ...json, normalizer: { ...normalizer, ...settings } });
};

const otherNormalizer =
  'tokenizer.json has another normalizer than BertNormalizer: it is followed, as by transformers 4.57, while version 5 puts BertNormalizer in its place';

/** Both versions' SiglipTokenizer changes a text before anything of tokenizer.json sees it; version 5's Siglip2Tokenizer lowers it. */
const siglipTexts = (json: Json, config: Json, family: Family): AppliedSettings => {
  const first = {
    siglip: { type: 'CanonicalText', lowercase: config['do_lower_case'] !== false },
    siglip2: { type: 'Lowercase' },
  }[family as string];
  if (first === undefined) return unchanged(json);
  const { normalizer } = json;
  const normalizers = isObject(normalizer) ? [first, normalizer] : [first];
  return unchanged({ ...json, normalizer: { type: 'Sequence', normalizers } });
};

const byteLevelOf = (part: unknown): Json | null =>
  isObject(part) && part['type'] === 'ByteLevel' ? part : null;

const innerByteLevel = (part: unknown): Json | null => {
  const inside = isObject(part) && Array.isArray(part['pretokenizers']) ? part['pretokenizers'] : [];
  return inside.map(byteLevelOf).find((found) => found !== null) ?? null;
};

/** A byte-level pre-tokenizer's space before a text. */
const prefixSpace = (json: Json, config: Json, family: Family, place: string): AppliedSettings => {
  const said = config['add_prefix_space'];
  const wanted = said === true;
  const inner = innerByteLevel(json['pre_tokenizer']);
  if (inner !== null && family === 'qwen2' && typeof said === 'boolean' && said !== inner['add_prefix_space'])
    throw disagreement(
      place,
      'add_prefix_space',
      said,
      `tokenizer.json says ${inner['add_prefix_space'] === true}`,
    );
  const byteLevel = byteLevelOf(json['pre_tokenizer']);
  if (byteLevel === null || byteLevel['add_prefix_space'] === wanted) return unchanged(json);
  if (family !== 'gpt2' && family !== 'roberta') {
    if (typeof said === 'boolean')
      throw disagreement(place, 'add_prefix_space', said, `tokenizer.json says ${!wanted}`);
    return unchanged(
      json,
      'tokenizer.json puts a space before texts (add_prefix_space): it is followed, as by transformers 5, while version 4.57 puts none unless tokenizer_config.json says so',
    );
  }
  const processor = json['post_processor'];
  const isRoberta = isObject(processor) && processor['type'] === 'RobertaProcessing';
  return unchanged({
    ...json,
    pre_tokenizer: { ...byteLevel, add_prefix_space: wanted },
    ...(isRoberta && { post_processor: { ...processor, add_prefix_space: wanted } }),
  });
};

/** Version 5 puts the pre-tokenizer of these classes in the place of the file's (SmolLM2's GPT2Tokenizer splits digits in the file). */
const ownPreTokenizer = (json: Json, _config: Json, family: Family): AppliedSettings => {
  const { pre_tokenizer: found } = json;
  const isOwn =
    family === 'gpt2'
      ? byteLevelOf(found) !== null
      : family !== 'qwen2' || typesOf(found).join() === 'Split,ByteLevel';
  return isOwn ? unchanged(json) : unchanged(json, otherPreTokenizer);
};

const typesOf = (part: unknown): unknown[] =>
  isObject(part) && Array.isArray(part['pretokenizers'])
    ? part['pretokenizers'].map((inside) => (isObject(inside) ? inside['type'] : undefined))
    : [];

const otherPreTokenizer =
  'tokenizer.json splits texts otherwise than the class that tokenizer_config.json names: it is followed, as by transformers 4.57, while version 5 splits as the class does';

type Scheme = 'always' | 'first' | 'never';

/** When a tokenizer in the manner of SentencePiece puts a space before a text; null where it is not such a one. */
const schemeOf = ({ normalizer, pre_tokenizer: preTokenizer }: Json): Scheme | null => {
  const partsOf = (part: unknown, inside: string): unknown[] => {
    const parts = isObject(part) ? part[inside] : undefined;
    return Array.isArray(parts) ? parts : [part];
  };
  const steps = [...partsOf(normalizer, 'normalizers'), ...partsOf(preTokenizer, 'pretokenizers')].filter(
    isObject,
  );
  if (steps.some(({ type }) => type === 'Prepend')) return 'always';
  const metaspace = steps.find(({ type }) => type === 'Metaspace');
  if (metaspace !== undefined) {
    if (metaspace['add_prefix_space'] === false) return 'never';
    return (metaspace['prepend_scheme'] as Scheme | undefined) ?? 'always';
  }
  return steps.some(({ type, content }) => type === 'Replace' && content === '▁') ? 'never' : null;
};

/** Llama's space before a text, and behind special tokens (legacy). */
const metaspacePrefix = (json: Json, config: Json, family: Family, place: string): AppliedSettings => {
  const scheme = family === 'llama' ? schemeOf(json) : null;
  if (scheme === null) return unchanged(json);
  const said = config['add_prefix_space'];
  if (typeof said === 'boolean' && said !== (scheme !== 'never'))
    throw disagreement(
      place,
      'add_prefix_space',
      said,
      `tokenizer.json puts ${said ? 'no' : 'a'} space before texts`,
    );
  const version5 = config['legacy'] === true ? 'always' : 'first';
  if (scheme === 'never' || scheme === version5) return unchanged(json);
  return unchanged(
    json,
    `tokenizer.json puts a space ${scheme === 'always' ? 'also behind special tokens' : 'only before the whole text'}: it is followed, as by transformers 4.57, while version 5 goes by legacy in tokenizer_config.json`,
  );
};
