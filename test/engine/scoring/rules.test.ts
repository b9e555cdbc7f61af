import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import type { AnswerRuleName } from '../../../main/engine/scoring/answer-rules/rule-names.ts';
import { answerRules } from '../../../main/engine/scoring/answer-rules/rules.ts';
import type { ItemResult } from '../../../main/engine/scoring/item-result.ts';
import { confusionOf, macroF1 } from '../../../main/engine/scoring/confusion.ts';
import { scoreItems } from '../../../main/engine/scoring/score-items.ts';

const fixture = (name: string): unknown =>
  JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8'));

interface Found {
  readonly text: string;
  readonly found: string | null;
}

/** Of make-rule-reference.py. */
const { first, number, normalised } = fixture('rules.json') as {
  readonly first: readonly (Found & { readonly rule: AnswerRuleName })[];
  readonly number: readonly Found[];
  readonly normalised: readonly Found[];
};
const classes = fixture('classes.json') as readonly {
  readonly expected: readonly string[];
  readonly predicted: readonly string[];
  readonly classes: readonly string[];
  readonly accuracy: number;
  readonly f1: number;
  readonly confusion: readonly (readonly number[])[];
}[];

describe('rules find what Python finds', () => {
  it('the first name that the text has', () => {
    for (const { rule, text, found } of first) expect(answerRules[rule].find(text)).toBe(found);
  });
  it('the last number', () => {
    for (const { text, found } of number) expect(answerRules['llm-adapters-number'].find(text)).toBe(found);
  });
  it('the whole text, normalised', () => {
    for (const { text, found } of normalised)
      expect(answerRules['exact-match-normalised'].find(text) ?? '').toBe(found);
  });
});

test('a number is right within 0.001, and no answer is wrong', () => {
  const { find, isRight } = answerRules['llm-adapters-number'];
  expect(isRight(find('it is 1,576')!, '1576.0')).toBe(true);
  expect(isRight(find('it is 0.3334')!, '0.333')).toBe(true);
  expect(isRight(find('it is 0.335')!, '0.333')).toBe(false);
  expect(isRight(find('it is -3')!, '3')).toBe(false);
  expect(answerRules['exact-match'].find('  ')).toBeNull();
});

const result = (expected: string, answer: string, item: number): ItemResult => ({
  item,
  prompt: null,
  expected,
  answer,
  weight: 1,
  values: { accuracy: expected === answer ? 1 : 0, loss: 0.5 },
  detail: null,
});

test.each(classes)('accuracy, F1 and confusion are those of scikit-learn', (reference) => {
  const items = reference.expected.map((expected, item) =>
    result(expected, reference.predicted[item]!, item),
  );
  const confusion = confusionOf(items);
  expect(confusion).toEqual({ classes: reference.classes, counts: reference.confusion });
  expect(macroF1(confusion)).toBeCloseTo(reference.f1, 12);
  const { accuracy, f1, perplexity } = scoreItems(items);
  expect(accuracy).toBeCloseTo(reference.accuracy, 12);
  expect(f1).toBeCloseTo(reference.f1, 12);
  expect(perplexity).toBeUndefined();
});

test('a loss is the mean over tokens, not over rows, and perplexity its exponential', () => {
  const row = (loss: number, weight: number): ItemResult => ({
    ...result('', '', 0),
    expected: null,
    answer: null,
    weight,
    values: { loss },
  });
  expect(scoreItems([row(1, 30), row(4, 10)])).toEqual({ loss: 1.75, perplexity: Math.exp(1.75) });
  expect(scoreItems([])).toEqual({});
});
