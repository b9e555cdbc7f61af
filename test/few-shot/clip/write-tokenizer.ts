import { join } from 'node:path';
import { writeFileWhole } from '../../../main/engine/formats/atomic-file.ts';
import { trainBytePairs } from '../../../main/sample/build/byte-pair-trainer.ts';
import { longestText, textEnd, textStart, vocabularySize } from './small-clip.ts';

/** tokenizer.json of a byte-level BPE in lower case, between a start and an end, learned from the texts. */
export const writeTokenizer = (folder: string, texts: readonly string[]): void => {
  const marks = [textStart, textEnd] as const;
  // Every word begins with a space, the first one too.
  const learned = trainBytePairs(
    texts.map((text) => ` ${text.toLowerCase()}`),
    vocabularySize,
    marks,
  );
  const piece = (id: string) => ({ SpecialToken: { id, type_id: 0 } });
  const sequence = (id: string, type_id: number) => ({ Sequence: { id, type_id } });
  const byteLevel = { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true };
  const tokenizer = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: marks.map((content, id) => ({
      ...{ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true },
    })),
    normalizer: { type: 'Lowercase' },
    pre_tokenizer: byteLevel,
    post_processor: {
      type: 'TemplateProcessing',
      single: [piece(textStart), sequence('A', 0), piece(textEnd)],
      pair: [piece(textStart), sequence('A', 0), piece(textEnd), sequence('B', 1), piece(textEnd)],
      special_tokens: Object.fromEntries(
        marks.map((token, id) => [token, { id: token, ids: [id], tokens: [token] }]),
      ),
    },
    decoder: byteLevel,
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      vocab: Object.fromEntries(learned.vocabulary.map((token, id) => [token, id])),
      merges: learned.merges.map((pair) => pair.join(' ')),
    },
  };
  const settings = {
    tokenizer_class: 'PreTrainedTokenizerFast',
    bos_token: textStart,
    eos_token: textEnd,
    pad_token: textEnd,
    model_max_length: longestText,
    clean_up_tokenization_spaces: false,
  };
  const json = (name: string, value: object): void =>
    writeFileWhole(join(folder, name), `${JSON.stringify(value, null, 1)}\n`);
  json('tokenizer.json', tokenizer);
  json('tokenizer_config.json', settings);
};
