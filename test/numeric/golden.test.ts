import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { architectureFolders, readExpected } from './golden/golden-folder.ts';
import { failuresOf, runCase } from './golden/run-case.ts';

const folders = architectureFolders(join(import.meta.dirname, 'fixtures'));

describe('whole runs against transformers, PEFT and PyTorch', () => {
  it('finds the reference runs', () =>
    expect(folders.map(({ name }) => name)).toEqual([
      'bert_cls',
      'gemma2',
      'gemma3_text',
      'gpt2',
      'llama',
      'llama_bias',
      'llama_rope_scaled',
      'mistral',
      'phi3',
      'qwen2',
      'qwen3',
      'roberta_cls',
      'smollm3',
    ]));

  for (const { name, folder } of folders)
    it.each(Object.keys(readExpected(folder).methods))(
      `${name}, %s: logits, 20 losses and gradient norms, final logits`,
      async (method) => {
        const errors = await runCase(folder, method);
        expect(failuresOf(errors), JSON.stringify(errors)).toEqual([]);
      },
    );

  it('notices an engine that is off', () => {
    const inside = {
      logits: 0,
      losses: 0,
      gradientNorms: 0,
      finalLogits: 0,
      decomposition: null,
      trainable: 0,
    };
    expect(failuresOf(inside)).toEqual([]);
    expect(failuresOf({ ...inside, losses: 3e-5, trainable: -1 })).toEqual(['losses', 'trainable']);
    expect(failuresOf({ ...inside, finalLogits: Number.NaN })).toEqual(['finalLogits']);
  });
});
