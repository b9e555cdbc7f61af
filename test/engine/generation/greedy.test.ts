import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { capacityFor, createCache } from '../../../main/engine/generation/cache/cache.ts';
import { createGenerator } from '../../../main/engine/generation/create-generator.ts';
import { defaultGenerationSettings } from '../../../main/engine/generation/generation-settings.ts';
import { createDecoderSession } from '../../../main/engine/generation/graph/decoder-session.ts';
import { openModel } from '../../../main/engine/models/model.ts';
import { letters, readJson, scratch, withPositions } from './decoder-folder.ts';

interface Golden {
  readonly positions: number;
  readonly cases: Readonly<
    Record<string, { prompts: number[][]; tokens: number[][]; logits: Record<string, number[][]> }>
  >;
}

const golden = readJson<Golden>(join(import.meta.dirname, 'fixtures/greedy.json'));
const { directory, remove } = scratch();
afterAll(remove);

describe.each(Object.entries(golden.cases))('%s', (name, { prompts, tokens, logits }) => {
  let folder: string;
  beforeAll(() => void (folder = withPositions(name, golden.positions, directory)));

  it('answers a batch of unequal prompts as transformers does', async () => {
    const generator = await createGenerator({
      model: openModel(folder),
      tokenizer: letters,
      arms: [null],
      threads: 1,
      endTokens: [],
    });
    const rows = await generator.generate(
      prompts.map((ids) => ({ ids, arm: 0, settings: { ...defaultGenerationSettings, maximumTokens: 64 } })),
    );
    await generator.release();
    expect(rows.map(({ ids }) => ids)).toEqual(tokens);
  });

  it('gives the logits that transformers gives', async () => {
    const session = await createDecoderSession({
      model: openModel(folder),
      arms: [null],
      positions: golden.positions,
      threads: 1,
    });
    let largest = 0;
    for (const [row, prompt] of prompts.entries()) {
      let cache = createCache(session.cacheShape, 1, capacityFor(prompt.length));
      let ids = prompt;
      for (let step = 0; step < 64; step++) {
        const made = await session.forward({ cache, ids: [ids], arms: [0] });
        cache = made.cache;
        const own = made.scores.logits(0);
        logits[step]?.[row]!.forEach((value, id) => {
          largest = Math.max(largest, Math.abs(value - own[id]!));
        });
        ids = [tokens[row]![step]!];
      }
    }
    await session.release();
    expect(largest).toBeLessThan(1e-4);
  });
});
