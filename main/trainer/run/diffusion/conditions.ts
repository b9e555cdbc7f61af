import { promptChunks } from '../../../engine/data/tokens/prompt-chunks.ts';
import type { Tokenizer } from '../../../engine/data/tokens/tokenizer.ts';
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

/** Rows of several matrices beside each other: (rows x the sum of their widths). */
const besideEachOther = (parts: readonly Float32Array[], rows: number): Float32Array => {
  const [first, ...others] = parts;
  if (others.length === 0) return first!;
  const widths = parts.map(({ length }) => length / rows);
  return joined(
    ...Array.from({ length: rows }, (_, row) =>
      parts.map((part, at) => part.subarray(row * widths[at]!, (row + 1) * widths[at]!)),
    ).flat(),
  );
};

/** What states of texts may take in memory; those beyond it are made again. */
const mostNumbers = 2 ** 26;

export interface Conditions {
  /** What the model's graph takes of a text and a view. */
  readonly of: DiffusionMakers['conditions'];
  /** How many of the texts so far were longer than the encoders take, and were cut. */
  readonly cut: () => number;
}

/**
 * What a denoiser is told: token ids where its text encoders are a part of the graph, and what those make of them, once for each text, where they are
 * frozen.
 * @param model as its steps need it
 */
export const createConditions = (
  model: Model,
  tokenizers: readonly Tokenizer[],
  parts: Pick<FrozenParts, 'encodeText'>,
): Conditions => {
  const { texts, positions, added } = diffusionOf(model.architecture);
  const areGiven = isGivenStates(model);
  const rows = new Map<string, readonly (readonly number[])[]>();
  const states = new Map<string, readonly EncodedText[]>();
  let cut = 0;
  let numbers = 0;

  const idsOf = (text: string): readonly (readonly number[])[] => {
    const known = rows.get(text);
    if (known) return known;
    let isCut = false;
    const ids = texts.map(({ module, vocabularySize }, at) => {
      const { chunks, notice } = promptChunks(tokenizers[at]!, text, { positions, long: 'cut' });
      isCut ||= notice !== null;
      const row = chunks[0]!;
      const unknown = row.find((id) => id >= vocabularySize);
      if (unknown !== undefined)
        throw invalidInput(
          `the caption "${text.slice(0, 60)}" has the token ${unknown}, and ${module} knows ${vocabularySize}: its tokenizer belongs to another model`,
        );
      return row;
    });
    cut += Number(isCut);
    rows.set(text, ids);
    return ids;
  };

  const statesOf = async (text: string): Promise<readonly EncodedText[]> => {
    const known = states.get(text);
    if (known) return known;
    const made: EncodedText[] = [];
    for (const [at, ids] of idsOf(text).entries()) made.push(await parts.encodeText(at, ids));
    numbers += made.reduce((sum, one) => sum + one.states.length, 0);
    if (numbers > mostNumbers) {
      states.clear();
      numbers = 0;
    }
    states.set(text, made);
    return made;
  };

  const given: Conditions['of'] = async (text, { sizes }) => {
    const encoded = await statesOf(text);
    const width = encoded.reduce((sum, one) => sum + one.states.length, 0) / positions;
    const side = besideEachOther(
      encoded.map((one) => one.states),
      positions,
    );
    const pooled = encoded.at(-1)!.pooled;
    return {
      text_states: floats(side, [positions, width]),
      ...(added && pooled && { added: floats(joined(pooled, added.features(sizes))) }),
    };
  };

  const whole: Conditions['of'] = (text, { sizes }) => {
    const ids = idsOf(text);
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

  return { of: areGiven ? given : whole, cut: () => cut };
};
