import { describe, expect, test } from 'vitest';
import { completionTokens, textTokens } from '../../../main/engine/data/tokens/row-tokens.ts';
import { bytelevel, metaspace } from './fixtures.ts';
import { reference, referenceTokenizer, tokenizerNames } from './reference-rows.ts';

describe.each(tokenizerNames)('%s', (name) => {
  const tokenizer = referenceTokenizer(name);
  const cases = reference.completions.filter((given) => given.tokenizer === name);

  test.each(cases)('$prompt|$completion', ({ prompt, completion, ids, offsets, same }) => {
    // transformers doubles a BOS that the text brings.
    const doubled = ids[0] === tokenizer.bosId && ids[1] === tokenizer.bosId ? 1 : 0;
    const closed = ids.at(-1) === tokenizer.eosId ? [] : [tokenizer.eosId!];
    const whole = [...ids.slice(doubled), ...closed];
    const learnt = completionTokens(tokenizer, prompt, completion, 'completion');
    expect(learnt.ids).toEqual(whole);
    expect(completionTokens(tokenizer, prompt, completion, 'all').ids).toEqual(whole);
    expect(textTokens(tokenizer, prompt + completion).ids).toEqual(whole);

    const border = [...prompt].length;
    const mask = offsets.map(([start, end], token) => {
      const isOpened = start < border && tokenizer.isSpecial(ids[token]!);
      return end > border && !isOpened ? 1 : 0;
    });
    const isFramed = ids.at(-1) === tokenizer.eosId && offsets.at(-1)![1] === 0;
    const expected = [
      ...mask.slice(doubled, isFramed ? -1 : undefined),
      ...(isFramed ? [1] : closed.map(() => 1)),
    ];
    expect([...learnt.targets]).toEqual(expected);
    // By where tokens come from: NFKC makes one letter of an e and an accent, and it comes from the e.
    const isComposed = name === 'unigram' && completion.startsWith('\u0301');
    expect(learnt.notes.includes('token-spans-prompt')).toBe(!same && !isComposed);
    expect(learnt.notes.includes('begins-with-bos')).toBe(doubled === 1);
  });
});

test('BOS and EOS once, whoever writes them', () => {
  expect(textTokens(metaspace, '<s> deep</s>')).toMatchObject({ notes: ['begins-with-bos'] });
  const { ids } = textTokens(metaspace, '<s> deep</s>');
  expect([ids[0], ids[1] === 1, ids.at(-1), ids.at(-2) === 2]).toEqual([1, false, 2, false]);
  expect(textTokens(metaspace, 'deep')).toMatchObject({ notes: [] });
  expect(textTokens(bytelevel, 'deep').ids.at(-1)).toBe(bytelevel.eosId);
  expect(completionTokens(metaspace, '', '', 'completion')).toEqual({
    ids: [1, 2],
    targets: Uint8Array.of(0, 1),
    notes: [],
  });
});
