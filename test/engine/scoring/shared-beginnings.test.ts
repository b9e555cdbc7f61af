import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { adapterSettingsSchema } from '../../../main/engine/adapters/settings/adapter-settings.ts';
import { openModel } from '../../../main/engine/models/model.ts';
import { createRandom } from '../../../main/engine/random.ts';
import { formBatches } from '../../../main/engine/scoring/likelihood/form-batches.ts';
import type { ScoredUnit } from '../../../main/engine/scoring/likelihood/scored-sequence.ts';
import { createSequenceScorer, limitsOf } from '../../../main/engine/scoring/likelihood/sequence-scorer.ts';
import { foldSubject } from '../../../main/engine/scoring/subjects/fold-subject.ts';
import type { TrainedModel } from '../../../main/engine/train/model/trained-model.ts';
import { readBatches } from '../../numeric/golden/golden-folder.ts';
import { movedAdapter, startedAdapter } from '../../support/moved-adapter.ts';
import { root } from '../../support/paths.ts';

const decoders = [
  ...['gemma2', 'gemma3_text', 'gpt2', 'llama', 'llama_bias', 'llama_rope_scaled'],
  ...['mistral', 'olmo2', 'phi3', 'qwen2', 'qwen3', 'smollm3'],
];

/** Questions of many lengths; choices of a question begin with it, some of them alike beyond it, or with one another. */
const units = Array.from({ length: 6 }, (_, item): ScoredUnit<number> => {
  const random = createRandom(5, item);
  const ids = (length: number): number[] => Array.from({ length }, () => 3 + random.integer(90));
  const question = ids(1 + item * 4);
  const begun = [...question, ...ids(2)];
  const choices = [
    [...question, ...ids(3)],
    [...begun, ...ids(4)],
    [...begun, ...ids(1)],
    question,
    ids(question.length),
  ];
  return {
    item,
    sequences: choices.map((inputIds) => ({
      inputIds: Int32Array.from(inputIds),
      targets: new Uint8Array(inputIds.length),
      sourceRow: item,
      scored: [0, inputIds.length - 1].map((token) => ({ token, target: 3 + random.integer(90) })),
    })),
    judge: () => item,
  };
});

/** The log-likelihood of each sequence by item and number. */
const scores = async (subject: TrainedModel, causal: boolean) => {
  const { hiddenSize } = subject.model.architecture;
  const batches = formBatches(units, { tokensAtMost: 64, hiddenSize: 16 * hiddenSize, causal });
  const scorer = await createSequenceScorer({
    ...subject,
    ...limitsOf(batches),
    padId: 0,
    threads: 1,
    device: 'cpu',
  });
  const found = new Map<string, number>();
  const folded = await foldSubject(subject);
  for (const rows of batches) {
    const outcomes = await scorer.score(rows, folded);
    for (const [row, { entries }] of rows.entries())
      for (const [at, { unit, index }] of entries.entries())
        found.set(`${unit.item} ${index}`, outcomes[row]![at]!.logLikelihood);
  }
  await scorer.release();
  return { found, longest: batches[0]![0]!.tree.tokens.length, rows: batches.flat().length };
};

const expectAlike = async (subject: TrainedModel): Promise<void> => {
  const [shared, alone] = [await scores(subject, true), await scores(subject, false)];
  expect(shared.rows).toBeLessThan(alone.rows / 2);
  for (const [key, value] of alone.found) expect(shared.found.get(key)).toBeCloseTo(value, 4);
};

describe('what begins alike is computed once', () => {
  it.each(decoders)('with the same log-likelihoods as sequence by sequence: %s', async (name) => {
    const model = openModel(join(root, 'test/numeric/fixtures', name, 'model'));
    await expectAlike({ model, adapter: null, trainedWeights: [] });
  });

  it.each([
    { method: 'lora', rank: 4 },
    { method: 'dora', rank: 3, targetModules: ['q_proj', 'embed_tokens'] },
    { method: 'nora', outerRank: 16, innerRank: 4, alpha: 8 },
  ])('with an adapter: $method', async (settings) => {
    const folder = join(root, 'test/numeric/fixtures/llama');
    const start = await startedAdapter(
      openModel(join(folder, 'model')),
      readBatches(folder),
      adapterSettingsSchema.parse(settings),
    );
    await expectAlike(movedAdapter(start).moved);
  });
});
