import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Tokenizer } from '../data/tokens/tokenizer.ts';
import type { ModelFolder } from '../formats/model-folder.ts';
import { readJsonObject } from '../formats/json-text.ts';
import { pathIn } from '../formats/path-in.ts';
import { checked } from '../problems.ts';

const id = z.int().min(0);
const settings = z.object({ eos_token_id: z.union([id, z.array(id)]).nullish() });

const endTokensIn = (json: Readonly<Record<string, unknown>>, place: string): number[] => {
  const { eos_token_id: end } = checked(settings, json, place);
  return end === null || end === undefined ? [] : [end].flat();
};

/**
 * Tokens that end an answer: those of generation_config.json, or of config.json where it names none, and the tokenizer's own, since that is
 * what training on text and on completions ends rows with.
 */
export const endTokens = (
  { directory, config }: Pick<ModelFolder, 'directory' | 'config'>,
  { eosId }: Pick<Tokenizer, 'eosId'>,
): number[] => {
  const path = pathIn(directory, 'generation_config.json');
  const generation = existsSync(path) ? endTokensIn(readJsonObject(path), path) : [];
  const named = generation.length > 0 ? generation : endTokensIn(config, join(directory, 'config.json'));
  return [...new Set([...named, ...(eosId === undefined ? [] : [eosId])])];
};
