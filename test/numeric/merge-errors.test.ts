import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readRun } from './golden/golden-run.ts';
import { measureMerges } from './merge/measure-merge.ts';
import { mergeCases } from './merge/merge-cases.ts';
import { mergedModels, mergeDocument, mergeToleranceOf } from './merge/merge-document.ts';

/**
 * Base + adapter against merged weights on random prompts. Every method and every choice meets every sixth model here, and every model
 * every sixth of those; `npm run -s merge-errors` measures them all.
 */
const cases = mergeCases();
const models = mergedModels();
const share = 6;

describe('merged weights', () => {
  it.each(models.map((model, at) => ({ ...model, at })))(
    'of $name give the logits of base and adapter',
    async ({ folder, at }) => {
      const chosen = cases.filter((_, index) => (index + at) % share === 0);
      const { model, batches } = readRun(folder);
      const errors = await measureMerges(model, batches, chosen);
      expect(errors.size).toBe(chosen.length);
      for (const [name, one] of errors) {
        const { merged, bf16, f16, moved } = one;
        expect(merged, name).toBeLessThan(mergeToleranceOf(one));
        // What was not moved was not tried.
        expect(moved, name).toBeGreaterThan(Math.max(5e-4, 50 * merged));
        // Eight bits of a number against eleven.
        expect(bf16, name).toBeGreaterThan(f16);
        expect(f16, name).toBeGreaterThan(merged);
      }
    },
  );

  it('are listed for every method, every choice and every model', () => {
    const text = readFileSync(mergeDocument, 'utf8');
    const first = (cell: string): RegExp =>
      new RegExp(`^\\| ${cell.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')} +\\|`, 'm');
    for (const { name } of [...cases, ...models]) expect(text, name).toMatch(first(name));
  });
});
