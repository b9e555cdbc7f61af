import { promptChunks } from '../../../engine/data/tokens/prompt-chunks.ts';
import type { Tokenizer } from '../../../engine/data/tokens/tokenizer.ts';
import type { LongPrompts } from '../../../engine/diffusion/long-prompts.ts';
import { besideEachOther, joinPieces, tokensOfPieces } from '../../../engine/drawing/text-conditions.ts';
import { invalidInput } from '../../../engine/errors.ts';
import { diffusionOf, isGivenStates } from '../../../engine/models/diffusion-model.ts';
import type { Model } from '../../../engine/models/model.ts';
import type { ConditionRow } from '../../../engine/objectives/diffusion/noisy-batch.ts';
import type { DiffusionMakers } from './diffusion-data.ts';
import { endOf, type EncodedText, type FrozenParts } from './frozen-parts.ts';

const floats = (data: Float32Array, shape: readonly number[] = [data.length]): ConditionRow => ({
  shape,
  data,
});

const joined = (...parts: readonly Float32Array[]): Float32Array =>
  Float32Array.from(parts.flatMap((part) => [...part]));

/** What states of texts may take in memory; those beyond it are made again. */
const mostNumbers = 2 ** 26;

interface LongCaptions {
  readonly long: LongPrompts;
  /** All of the data: in pieces, every text has as many as the longest of these, so that what a picture is told depends on no batch. */
  readonly captions: readonly string[];
}

export interface Conditions {
  /** What the model's graph takes of a text and a view. */
  readonly of: DiffusionMakers['conditions'];
  /** In how many pieces every text is encoded. */
  readonly pieces: number;
  /** How many of the texts so far were longer than that, and were cut. */
  readonly cut: () => number;
}

/** Token ids of a text, by the encoder, in pieces. */
type Pieces = readonly (readonly (readonly number[])[])[];

/**
 * What a denoiser is told: token ids where its text encoders are a part of the graph, and what those make of them, once for each piece of a text, where
 * they are frozen.
 * @param model as its steps need it
 * @throws invalid-input for captions that need several pieces, where the text encoders are a part of the graph
 */
export const createConditions = (
  model: Model,
  tokenizers: readonly Tokenizer[],
  parts: Pick<FrozenParts, 'encodeText'>,
  { long, captions }: LongCaptions,
): Conditions => {
  const { texts, positions, added } = diffusionOf(model.architecture);
  const areGiven = isGivenStates(model);
  const chunksOf = (text: string, at: number) => promptChunks(tokenizers[at]!, text, { positions, long });
  const needed = (text: string): number =>
    Math.max(...texts.map((_, at) => chunksOf(text, at).chunks.length));
  const pieces = long === 'cut' ? 1 : captions.reduce((most, text) => Math.max(most, needed(text)), 1);
  if (pieces > 1 && !areGiven)
    throw invalidInput(
      `training.diffusion.longCaptions: a caption needs ${pieces} pieces, and the text encoders are trained, which take one: choose "cut", or leave their layers out of adapter.targetModules`,
    );

  const rows = new Map<string, Pieces>();
  const states = new Map<string, EncodedText>();
  let cut = 0;
  let numbers = 0;

  const idsOf = (text: string): Pieces => {
    const known = rows.get(text);
    if (known) return known;
    let isCut = false;
    const ids = texts.map(({ module, vocabularySize }, at) => {
      const { chunks, notice } = chunksOf(text, at);
      isCut ||= notice !== null || chunks.length > pieces;
      const [empty] = chunksOf('', at).chunks;
      const own = Array.from({ length: pieces }, (_, piece) => chunks[piece] ?? empty!);
      const unknown = own.flat().find((id) => id >= vocabularySize);
      if (unknown !== undefined)
        throw invalidInput(
          `the caption "${text.slice(0, 60)}" has the token ${unknown}, and ${module} knows ${vocabularySize}: its tokenizer belongs to another model`,
        );
      return own;
    });
    cut += Number(isCut);
    rows.set(text, ids);
    return ids;
  };

  const statesOf = async (encoder: number, ids: readonly number[]): Promise<EncodedText> => {
    const key = [encoder, ...ids].join();
    const known = states.get(key);
    if (known) return known;
    const made = await parts.encodeText(encoder, ids);
    numbers += made.states.length;
    if (numbers > mostNumbers) {
      states.clear();
      numbers = made.states.length;
    }
    states.set(key, made);
    return made;
  };

  const given: Conditions['of'] = async (text, { sizes }) => {
    const encoded: EncodedText[] = [];
    for (const [encoder, own] of idsOf(text).entries()) {
      const made: EncodedText[] = [];
      for (const ids of own) made.push(await statesOf(encoder, ids));
      const all = made.map((one) => one.states);
      encoded.push({ states: joinPieces(all, positions), pooled: made[0]!.pooled });
    }
    const tokens = tokensOfPieces(pieces, positions);
    const side = besideEachOther(
      encoded.map((one) => one.states),
      tokens,
    );
    const pooled = encoded.at(-1)!.pooled;
    return {
      text_states: floats(side, [tokens, side.length / tokens]),
      ...(added && pooled && { added: floats(joined(pooled, added.features(sizes))) }),
    };
  };

  const whole: Conditions['of'] = (text, { sizes }) => {
    const ids = idsOf(text).map(([only]) => only!);
    const inputs = texts.map(({ input }, at) => [
      input,
      { shape: [positions], data: BigInt64Array.from(ids[at]!, BigInt) },
    ]);
    const ofPooled = added && {
      text_ends: floats(endOf(ids.at(-1)!, texts.at(-1)!.endOf(ids.at(-1)!)).data as Float32Array),
      time_features: floats(added.features(sizes)),
    };
    return Promise.resolve({ ...(Object.fromEntries(inputs) as Record<string, ConditionRow>), ...ofPooled });
  };

  return { of: areGiven ? given : whole, pieces, cut: () => cut };
};
