import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileWhole } from '../../engine/formats/atomic-file.ts';
import { trainBytePairs } from './byte-pair-trainer.ts';
import type { BytePairs } from './byte-pair-trainer.ts';
import { adaptationCorpus, pretrainingCorpus } from './corpus.ts';
import { maxPositions, vocabularySize } from './model-config.ts';
import { modelDirectory } from './paths.ts';

/** Ids 0, 1, ... in this order. <|endoftext|> is BOS and EOS, as in GPT-2. */
export const specialTokens = ['<|endoftext|>', '<|pad|>', '<|system|>', '<|user|>', '<|assistant|>'] as const;

const chatTemplate =
  "{% for message in messages %}{{ '<|' + message['role'] + '|>\\n' + message['content'] }}" +
  "{% if message['role'] == 'assistant' %}{{ eos_token }}{% endif %}{{ '\\n' }}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<|assistant|>\\n' }}{% endif %}";

/** tokenizer.json as Hugging Face's tokenizers writes it for a byte-level BPE. */
export const tokenizerJson = ({ vocabulary, merges }: BytePairs): object => {
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: specialTokens.map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor: null,
    decoder: byteLevel,
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      // Keys such as "7" come first in a JavaScript object: the order in the file is not that of the ids, nor need it be.
      vocab: Object.fromEntries(vocabulary.map((token, id) => [token, id])),
      merges: merges.map((pair) => pair.join(' ')), // the older form, which old and new readers take
    },
  };
};

export const tokenizerConfig = (): object => ({
  add_prefix_space: false,
  bos_token: '<|endoftext|>',
  chat_template: chatTemplate,
  clean_up_tokenization_spaces: false,
  eos_token: '<|endoftext|>',
  model_max_length: maxPositions,
  pad_token: '<|pad|>',
  tokenizer_class: 'PreTrainedTokenizerFast',
});

const toJson = (value: object): string => `${JSON.stringify(value, null, 1)}\n`;

if (import.meta.main) {
  const texts = [...pretrainingCorpus(), ...adaptationCorpus()].map(({ text }) => text);
  const bytePairs = trainBytePairs(texts, vocabularySize, specialTokens);
  mkdirSync(modelDirectory, { recursive: true });
  writeFileWhole(join(modelDirectory, 'tokenizer.json'), toJson(tokenizerJson(bytePairs)));
  writeFileWhole(join(modelDirectory, 'tokenizer_config.json'), toJson(tokenizerConfig()));
  console.log(
    `${bytePairs.vocabulary.length} tokens, ${bytePairs.merges.length} merges -> ${modelDirectory}`,
  );
}
