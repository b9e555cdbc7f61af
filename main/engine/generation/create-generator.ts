import type { Tokenizer } from '../data/tokens/tokenizer.ts';
import { invalidInput } from '../errors.ts';
import type { Model } from '../models/model.ts';
import { endTokens as endTokensOf } from './end-tokens.ts';
import { answerRows } from './answer-rows.ts';
import type { GenerationArm, GenerationRow, Generator } from './generator.ts';
import { createDecoderSession } from './graph/decoder-session.ts';

export interface GeneratorOptions {
  /** Of the next-token objective; its `base` may be in fewer bits. */
  readonly model: Model;
  readonly tokenizer: Tokenizer;
  /** All use one copy of the base's weights. */
  readonly arms: readonly GenerationArm[];
  /** null takes one per physical core. */
  readonly threads: number | null;
  /** Tokens of a row at most, prompt and answer together; the model's own maximum, or 32768 where that is more, unless given. */
  readonly positions?: number;
  /** Rows that go through the model together. Default 8: more are hardly faster for each, and each has a cache. */
  readonly rowsAtOnce?: number;
  /** Instead of those that the model and the tokenizer name. */
  readonly endTokens?: readonly number[];
  /** Writes ONNX Runtime's profile to files of this prefix when the generator is released. */
  readonly profile?: string;
}

/** Tables of angles are as long as the positions: a model that could take millions need not hold them. */
const usualPositions = 32_768;

/** @throws invalid-input for a model that does not predict tokens */
export const createGenerator = async ({
  model,
  tokenizer,
  arms,
  threads,
  positions: asked,
  rowsAtOnce = 8,
  endTokens,
  profile,
}: GeneratorOptions): Promise<Generator> => {
  const { architecture, folder } = model;
  if (architecture.objective !== 'next-token')
    throw invalidInput(
      `${folder.directory}: a ${architecture.name} model scores texts, it does not write them`,
    );
  const positions = Math.min(asked ?? usualPositions, architecture.maximumPositions);
  const session = await createDecoderSession({
    model,
    arms,
    positions,
    threads,
    ...(profile === undefined ? {} : { profile }),
  });
  const ends = new Set(endTokens ?? endTokensOf(folder, tokenizer));

  return {
    generate: async (rows, options = {}) => {
      rows.forEach((row, index) => checkRow(row, index, { model, arms: arms.length, positions }));
      return answerRows(rows, session, { tokenizer, endTokens: ends, positions, rowsAtOnce, ...options });
    },
    release: session.release,
  };
};

interface Limits {
  readonly model: Model;
  readonly arms: number;
  readonly positions: number;
}

const checkRow = ({ ids, arm }: GenerationRow, index: number, { model, arms, positions }: Limits): void => {
  const { vocabularySize } = model.architecture;
  const place = `row ${index + 1}`;
  if (ids.length === 0) throw invalidInput(`${place}: the prompt has no tokens`);
  if (!Number.isInteger(arm) || arm < 0 || arm >= arms)
    throw invalidInput(`${place}: there is no arm ${arm}; there are ${arms}, counted from 0`);
  const foreign = ids.find((id) => !Number.isInteger(id) || id < 0 || id >= vocabularySize);
  if (foreign !== undefined)
    throw invalidInput(`${place}: token ${foreign} is not among the model's ${vocabularySize}`);
  if (ids.length >= positions)
    throw invalidInput(
      `${place}: the prompt has ${ids.length} tokens, which leaves none of the ${positions} positions for an answer`,
    );
};
