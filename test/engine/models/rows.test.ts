import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createGraphBuilder } from '../../../main/engine/graph/create-graph-builder.ts';
import { buildForward, openModel, type Model } from '../../../main/engine/models/model.ts';
import { withBaseFormat } from '../../../main/engine/models/weights/quantized-base.ts';
import { createSession } from '../../../main/engine/runtime/session.ts';
import type { Tensor } from '../../../main/engine/tensor.ts';

const fixtures = join(import.meta.dirname, '../../numeric/fixtures');
const cache = mkdtempSync(join(tmpdir(), 'nora-rows-'));

/** A row of a batch: texts one after the other, and padding behind them. */
interface Row {
  readonly texts: readonly (readonly number[])[];
  readonly padding: number;
}

const [first, second] = [
  [3, 17, 64, 9, 41],
  [5, 90, 11],
] as const;

/** Hidden states before the head of each real token of each row. */
const hiddenOf = async (model: Model, rows: readonly Row[]): Promise<number[][][]> => {
  const g = createGraphBuilder();
  const { hidden } = buildForward(g, model, { positions: 16 });
  const session = await createSession(g.build({ hidden }), { threads: 1 });
  const sequence = Math.max(...rows.map(({ texts, padding }) => texts.flat().length + padding));
  const tensor = (of: (text: readonly number[], index: number) => readonly number[]): Tensor => ({
    shape: [rows.length, sequence],
    data: BigInt64Array.from(
      rows.flatMap(({ texts }) => {
        const real = texts.flatMap(of);
        return [...real, ...Array<number>(sequence - real.length).fill(0)];
      }),
      BigInt,
    ),
  });
  const outputs = await session.run({
    input_ids: tensor((text) => text),
    attention_mask: tensor((text) => text.map(() => 1)),
    position_ids: tensor((text) => text.map((_, at) => at)),
    segment_ids: tensor((text, index) => text.map(() => index)),
    token_type_ids: tensor((text) => text.map(() => 0)),
  });
  await session.release();
  const data = outputs['hidden']!.data as Float32Array;
  const width = data.length / rows.length / sequence;
  return rows.map(({ texts }, row) =>
    texts.flat().map((_, at) => [...data.subarray((row * sequence + at) * width).subarray(0, width)]),
  );
};

const difference = (a: readonly number[], b: readonly number[]): number =>
  Math.max(...a.map((value, at) => Math.abs(value - b[at]!)));
const size = (values: readonly number[]): number => Math.hypot(...values);

/** Of those that see pictures too, clip.test.ts looks at the texts; of those that draw, stable-diffusion.test.ts. */
const ofTexts = readdirSync(fixtures)
  .map((name) => ({ name, model: openModel(join(fixtures, name, 'model')) }))
  .filter(({ model: { architecture } }) => !architecture.towers && !architecture.diffusion);

describe.each(ofTexts)('$name', ({ model }) => {
  const alone = async (text: readonly number[]): Promise<number[]> =>
    (await hiddenOf(model, [{ texts: [text], padding: 0 }])).flat(2);

  it('sees a text alike by itself, beside a longer row, and packed with another', async () => {
    const [padded, packed] = await hiddenOf(model, [
      { texts: [second], padding: 8 },
      { texts: [first, second], padding: 2 },
    ]);
    const [ofFirst, ofSecond] = [await alone(first), await alone(second)];
    expect(difference(padded!.flat(), ofSecond)).toBeLessThan(1e-5);
    expect(difference(packed!.flat(), [...ofFirst, ...ofSecond])).toBeLessThan(1e-5);
  });

  it.each([
    ['int8', 0.03],
    ['int4', 0.5],
  ] as const)('is near itself on an %s base', async (format, most) => {
    const quantised = withBaseFormat(model, format, { cacheFolder: cache });
    const own = (await hiddenOf(quantised, [{ texts: [first], padding: 0 }])).flat(2);
    const whole = await alone(first);
    const off = size(own.map((value, at) => value - whole[at]!)) / size(whole);
    expect(off).toBeLessThan(most);
    expect(off).toBeGreaterThan(0);
  });
});
