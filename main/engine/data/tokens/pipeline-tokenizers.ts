import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { invalidInput } from '../../errors.ts';
import { isDiffusionConfig } from '../../formats/diffusion/configuration.ts';
import { isModelFile } from '../../formats/diffusion/checkpoint-name.ts';
import { readJsonObject, readText } from '../../formats/json-text.ts';
import type { ModelFolder } from '../../formats/model-folder.ts';
import { assertPart } from '../../formats/diffusion/pipeline-folder.ts';
import { pathIn } from '../../formats/path-in.ts';
import { clipTokenizerJson, shippedMerges, vocabularyOf } from './clip/clip-tokenizer.ts';
import { loadTokenizer, makeTokenizer, readOptionalJson, type Tokenizer } from './tokenizer.ts';

/** CLIP spells the end of a word; transformers shows it as the space that it is. */
const withWords = (tokenizer: Tokenizer): Tokenizer => ({
  ...tokenizer,
  decode: (ids, options) => tokenizer.decode(ids, options).replaceAll('</w>', ' ').trim(),
});

/** One of a pipeline's tokenizers: of vocab.json and merges.txt, as transformers' CLIPTokenizer, or of a tokenizer.json where that is there. */
const loadClipTokenizer = (directory: string): Tokenizer => {
  if (existsSync(pathIn(directory, 'tokenizer.json'))) return withWords(loadTokenizer(directory));
  const vocabulary = pathIn(directory, 'vocab.json');
  const vocab = readJsonObject(vocabulary);
  const mergesPath = pathIn(directory, 'merges.txt');
  const lines = readText(mergesPath).split(/\r?\n/);
  const merges = lines.slice(lines[0]?.startsWith('#version') ? 1 : 0).filter((line) => line !== '');
  const broken = merges.findIndex((line) => line.split(' ').length !== 2);
  if (broken !== -1)
    throw invalidInput(
      `${mergesPath}: ${JSON.stringify(merges[broken])} is not a pair of tokens with a space between`,
    );
  return withWords(
    makeTokenizer({
      directory,
      json: clipTokenizerJson(vocab, merges),
      path: vocabulary,
      read: withClass((name) => readOptionalJson(directory, name)),
    }),
  );
};

type Read = (name: string) => Readonly<Record<string, unknown>>;

/** Where nothing names a class, a pipeline's tokenizer is CLIP's. */
const withClass =
  (read: Read): Read =>
  (name) =>
    name === 'tokenizer_config.json' ? { tokenizer_class: 'CLIPTokenizer', ...read(name) } : read(name);

/** CLIP's own vocabulary with what a pipeline's folder says of padding. */
const shippedTokenizer = (place: string, padding: string): Tokenizer => {
  const merges = shippedMerges();
  return withWords(
    makeTokenizer({
      directory: place,
      json: clipTokenizerJson(vocabularyOf(merges), merges),
      path: place,
      read: (name) =>
        name === 'tokenizer_config.json' ? { tokenizer_class: 'CLIPTokenizer', pad_token: padding } : {},
    }),
  );
};

const endOfText = '<|endoftext|>';
/** OpenCLIP pads with token 0, which is how its vocabulary spells this. */
const zero = '!';

/** All tokenizers of a model: one, or those of a pipeline. */
export const tokenizersOf = (folder: Pick<ModelFolder, 'directory' | 'config'>): Tokenizer[] =>
  isDiffusionConfig(folder.config) ? loadPipelineTokenizers(folder) : [loadTokenizer(folder.directory)];

/**
 * The tokenizers of a diffusion model, one for each text encoder, in their order: from tokenizer/ and tokenizer_2/ of a pipeline's folder. A
 * single file brings none; its text encoders are CLIP's and OpenCLIP's, whose vocabulary is shipped.
 * @throws WorkbenchError naming the file
 */
export const loadPipelineTokenizers = ({
  directory,
  config,
}: Pick<ModelFolder, 'directory' | 'config'>): Tokenizer[] => {
  if (!isDiffusionConfig(config)) throw new Error(`${directory} is not a diffusion model`);
  const texts = [config.text_encoder, ...(config.text_encoder_2 ? [config.text_encoder_2] : [])];
  return isModelFile(directory)
    ? texts.map((text) => shippedTokenizer(directory, text['hidden_act'] === 'gelu' ? zero : endOfText))
    : texts.map((_, at) => {
        const part = at === 0 ? 'tokenizer' : 'tokenizer_2';
        assertPart(directory, part);
        return loadClipTokenizer(join(directory, part));
      });
};
