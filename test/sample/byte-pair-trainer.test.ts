import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { trainBytePairs } from '../../main/sample/build/byte-pair-trainer.ts';
import { adaptationCorpus, pretrainingCorpus } from '../../main/sample/build/corpus.ts';
import { modelDirectory } from '../../main/sample/build/paths.ts';
import { specialTokens, tokenizerConfig, tokenizerJson } from '../../main/sample/build/train-tokenizer.ts';

const readModelJson = (name: string): unknown => JSON.parse(readFileSync(join(modelDirectory, name), 'utf8'));

describe('byte-pair training', () => {
  test('merges the commonest pair first, and of equally common ones that with the smaller ids', () => {
    const { vocabulary, merges } = trainBytePairs(['abab abab cd cd'], 2 + 256 + 4, ['<a>', '<b>']);
    expect(merges).toEqual([
      ['a', 'b'], // 4 times
      ['c', 'd'], // from here on twice each, as are ("ab", "ab") and ("Ġ", "c"): bytes have smaller ids than merges, and c than Ġ
      ['Ġ', 'cd'],
      ['ab', 'ab'],
    ]);
    expect(vocabulary.slice(0, 3)).toEqual(['<a>', '<b>', '!']);
    expect(vocabulary).toHaveLength(262);
  });

  test('ends early when nothing is left to merge', () => {
    const { vocabulary } = trainBytePairs(['aa'], 1000, []);
    expect(vocabulary.slice(256)).toEqual(['aa']);
  });

  test('counts overlapping pairs but merges them from the left', () => {
    expect(trainBytePairs(['aaaaa'], 256 + 3, []).merges).toEqual([
      ['a', 'a'],
      ['aa', 'a'],
      ['aa', 'aaa'],
    ]);
  });

  // Once checked against Hugging Face's BpeTrainer on the same texts: same vocabulary, same merges (main/sample/README.md).
  test('gives the tokenizer that ships', () => {
    const texts = [...pretrainingCorpus(), ...adaptationCorpus()].map(({ text }) => text);
    const trained = trainBytePairs(texts, 2048, specialTokens);
    expect(readModelJson('tokenizer.json')).toEqual(tokenizerJson(trained));
    expect(readModelJson('tokenizer_config.json')).toEqual(tokenizerConfig());
  });
});
