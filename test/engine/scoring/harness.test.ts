import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { scoreItems } from '../../../main/engine/scoring/score-items.ts';
import { answerRules } from '../../../main/engine/scoring/answer-rules/rules.ts';
import { scored } from '../../trainer/scored.ts';

const fixtures = join(import.meta.dirname, 'fixtures');

interface HarnessItem {
  readonly logLikelihoods: readonly number[];
  readonly acc: number;
  readonly acc_norm?: number;
  readonly acc_bytes?: number;
}
interface Reference {
  readonly tasks: Readonly<
    Record<
      string,
      { readonly means: Readonly<Record<string, number>>; readonly items: readonly HarnessItem[] }
    >
  >;
  readonly gsm8k: readonly ({ readonly text: string; readonly answer: string } & Readonly<
    Record<'gsm8k-strict' | 'gsm8k-flexible', { readonly found: string; readonly right: number }>
  >)[];
}

/** Of make-lm-eval-reference.py. */
const reference = JSON.parse(readFileSync(join(fixtures, 'lm-eval.json'), 'utf8')) as Reference;

describe('multiple choice as lm-evaluation-harness 0.4.13 scores it', async () => {
  const names = Object.keys(reference.tasks);
  const { items, facts } = await scored({
    tasks: names.map((name) => ({ kind: 'choices', name, file: join(fixtures, `${name}.jsonl`) })),
    batchSize: 3,
  });
  it.each(names)('%s: each log-likelihood, acc, acc_norm and acc_bytes', (name) => {
    const { means, items: expected } = reference.tasks[name]!;
    const found = items(name).toSorted((a, b) => a.item - b.item);
    expect(found).toHaveLength(expected.length);
    for (const [index, { values, detail }] of found.entries()) {
      const { logLikelihoods, ...accuracies } = expected[index]!;
      const ours = (detail as { logLikelihoods: number[] }).logLikelihoods;
      expect(ours).toHaveLength(logLikelihoods.length);
      for (const [choice, value] of ours.entries())
        expect(Math.abs(value - logLikelihoods[choice]!)).toBeLessThan(1e-4);
      expect(values.accuracy).toBe(accuracies.acc);
      expect(values.accuracy_characters).toBe(accuracies.acc_norm);
      expect(values.accuracy_bytes).toBe(accuracies.acc_bytes);
    }
    const { accuracy, accuracy_characters, accuracy_bytes } = scoreItems(found);
    expect([accuracy, accuracy_characters, accuracy_bytes]).toEqual([
      means['acc'],
      means['acc_norm'],
      means['acc_bytes'],
    ]);
  });
  it('says which questions lost their beginning, and what guessing gets', () => {
    expect(facts('arc_easy').notices.join()).toMatch(
      /1 of 4 questions are longer than the model's 512 positions/,
    );
    expect(facts('arc_easy').chance).toBeCloseTo((1 / 4 + 1 / 3 + 1 / 5 + 1 / 2) / 4);
  });
});

test.each(reference.gsm8k)('gsm8k finds the number in $text', ({ text, answer, ...filters }) => {
  for (const [name, { found, right }] of Object.entries(filters)) {
    const rule = answerRules[name as keyof typeof filters];
    const ours = rule.find(text);
    expect(ours ?? '[invalid]').toBe(found);
    expect(ours !== null && rule.isRight(ours, rule.expect(answer))).toBe(right === 1);
  }
});
