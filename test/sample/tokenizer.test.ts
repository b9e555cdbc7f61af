import { describe, expect, test } from 'vitest';
import { renderChatSpans } from '../../main/engine/data/chat/chat-spans.ts';
import { loadTokenizer } from '../../main/engine/data/tokens/tokenizer.ts';
import { adaptationCorpus, pretrainingCorpus } from '../../main/sample/build/corpus.ts';
import { modelConfig } from '../../main/sample/build/model-config.ts';
import { modelDirectory } from '../../main/sample/build/paths.ts';

const tokenizer = loadTokenizer(modelDirectory);

describe('the sample tokenizer', () => {
  test('has as many tokens as the model, and the special tokens that the model names', () => {
    expect(tokenizer.vocabularySize).toBe(modelConfig.vocab_size);
    expect(tokenizer).toMatchObject({
      bosId: modelConfig.bos_token_id,
      eosId: modelConfig.eos_token_id,
      padId: 1,
    });
    for (const id of [0, 1, 2, 3, 4]) expect(tokenizer.isSpecial(id)).toBe(true);
    expect(tokenizer.isSpecial(5)).toBe(false);
  });

  test.each([
    'Call me Ishmael.',
    'naïve café — 日本語 🐋 🇫🇷 e\u0301',
    '  two spaces,\ttabs\r\n\r\nand line breaks \n ',
    "I'll don't WE'RE 1234567890 50,000",
    '\u0000\u001f\u200d\ufeff\ud7ff\u{10ffff}',
    'a'.repeat(1000),
  ])('gives back %j', (text) => {
    expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
  });

  test('gives back every byte', () => {
    const text = Array.from({ length: 0x250 }, (_, code) => String.fromCharCode(code)).join('');
    expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
  });

  test('gives back the corpora, at three bytes a token or so', () => {
    const texts = [pretrainingCorpus()[0]!, pretrainingCorpus().at(-1)!, ...adaptationCorpus()].map(
      ({ text }) => text,
    );
    let tokens = 0;
    for (const text of texts) {
      const ids = tokenizer.encode(text);
      tokens += ids.length;
      expect(tokenizer.decode(ids)).toBe(text);
    }
    expect(Buffer.byteLength(texts.join('')) / tokens).toBeGreaterThan(2.7);
  });

  test('its chat template marks what the assistant writes, with the token that ends it', () => {
    const messages = [
      { role: 'user', content: 'Who?' },
      { role: 'assistant', content: 'Ahab.' },
    ];
    const conversation = { messages, learn: [undefined, undefined] };
    const { text, learnt } = renderChatSpans(tokenizer, conversation, 'completion');
    expect(text).toBe('<|user|>\nWho?\n<|assistant|>\nAhab.<|endoftext|>\n');
    expect(learnt.map(({ start, end }) => text.slice(start, end).trim())).toEqual(['Ahab.<|endoftext|>']);
  });
});
