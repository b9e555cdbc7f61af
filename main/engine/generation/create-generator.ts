import type { Tokenizer } from '../data/tokens/tokenizer.ts';
import { invalidInput } from '../errors.ts';
import type { BaseFormat } from '../base/base-format.ts';
import type { Model } from '../models/model.ts';
import { unwatched, type Profiler } from '../runtime/profile/profiler.ts';
import { withDecodingBase } from '../models/weights/decoding-base.ts';
import { endTokens as endTokensOf } from './end-tokens.ts';
import { answerRows } from './answer-rows.ts';
import { hasOwnWeights } from './arms/own-weights.ts';
import type { GeneratedRow, GenerationArm, GenerationRow, Generator } from './generator.ts';
import { createDecoderSession, type DecoderSession } from './graph/decoder-session.ts';

export interface GeneratorOptions {
  /** Of the next-token objective. */
  readonly model: Model;
  /** How the base's weights are held; as the model says where absent, in float32 where it says nothing. */
  readonly baseFormat?: BaseFormat;
  /** Where weights in another form than the model's files go, to be found again; a temporary folder where absent. */
  readonly cacheFolder?: string;
  /** SHA-256 of weight files whose contents are known, by their paths without links. */
  readonly hashes?: ReadonlyMap<string, string>;
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
  /** Watches what answers are made of; nobody does where absent. */
  readonly profiler?: Profiler;
}

/** Tables of angles are as long as the positions: a model that could take millions need not hold them. */
const usualPositions = 32_768;

/** @throws invalid-input for a model that does not predict tokens */
export const createGenerator = async ({
  model,
  tokenizer,
  arms,
  threads,
  baseFormat,
  cacheFolder,
  hashes,
  positions: asked,
  rowsAtOnce = 8,
  endTokens,
  profiler = unwatched,
}: GeneratorOptions): Promise<Generator> => {
  const { architecture, folder } = model;
  if (architecture.objective !== 'next-token')
    throw invalidInput(
      `${folder.directory}: a ${architecture.name} model scores texts, it does not write them`,
    );
  const positions = Math.min(asked ?? usualPositions, architecture.maximumPositions);
  const base = withDecodingBase(model, baseFormat ?? model.base?.format ?? 'fp32', {
    ...(cacheFolder === undefined ? {} : { cacheFolder }),
    ...(hashes === undefined ? {} : { hashes }),
  });
  const together = arms.flatMap((arm, index) => (hasOwnWeights(arm) ? [] : [index]));
  const alone = arms.flatMap((arm, index) => (hasOwnWeights(arm) ? [[index]] : []));
  const groups: ArmGroup[] = [];
  for (const members of [together, ...alone].filter(({ length }) => length > 0))
    groups.push({
      members,
      session: await createDecoderSession({
        model: base,
        arms: members.map((index) => arms[index] as GenerationArm),
        positions,
        threads,
        profiler,
      }),
    });
  const ends = new Set(endTokens ?? endTokensOf(folder, tokenizer));

  return {
    generate: async (rows, options = {}) => {
      rows.forEach((row, index) => checkRow(row, index, { model, arms: arms.length, positions }));
      const results: GeneratedRow[] = [];
      for (const { members, session } of groups) {
        const own = rows.flatMap((row, index) => {
          const arm = members.indexOf(row.arm);
          return arm < 0 ? [] : [{ row: { ...row, arm }, index }];
        });
        const { onToken } = options;
        const answers = await answerRows(
          own.map(({ row }) => row),
          session,
          {
            ...options,
            tokenizer,
            endTokens: ends,
            positions,
            rowsAtOnce,
            ...(onToken ? { onToken: (news) => onToken({ ...news, row: own[news.row]!.index }) } : {}),
          },
        );
        own.forEach(({ index }, at) => (results[index] = answers[at]!));
      }
      return results;
    },
    release: async () => {
      for (const { session } of groups) await session.release();
    },
  };
};

/** Arms whose rows go through the model together: all without weights of their own, or a single one with. */
interface ArmGroup {
  /** Their numbers among all. */
  readonly members: readonly number[];
  readonly session: DecoderSession;
}

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
