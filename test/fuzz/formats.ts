import { checkpointOf } from '../support/checkpoint.ts';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { adapterSettingsSchema } from '../../main/engine/adapters/settings/adapter-settings.ts';
import { readAdapter } from '../../main/engine/adapters/folder/adapter-folder.ts';
import { openRecords } from '../../main/engine/data/records/open-records.ts';
import { openPictureBytes } from '../../main/engine/data/pictures/decode/decode-picture.ts';
import { openPictureSet } from '../../main/engine/data/pictures/sets/open-picture-set.ts';
import { openParquet } from '../../main/engine/data/pictures/sets/parquet/parquet-file.ts';
import { pictureColumns } from '../../main/engine/data/pictures/sets/parquet/picture-columns.ts';
import { pathOf } from '../../main/engine/data/pictures/sets/picture-set.ts';
import { viewOf } from '../../main/engine/data/pictures/views/read-view.ts';
import { memorySource } from '../../main/engine/data/records/byte-source.ts';
import { readBlocks } from '../../main/engine/data/records/blocks.ts';
import { loadTokenizer } from '../../main/engine/data/tokens/tokenizer.ts';
import { openModelFolder } from '../../main/engine/formats/model-folder.ts';
import { readSafetensorsHeader, readTensorRaw } from '../../main/engine/formats/safetensors.ts';
import { openModel } from '../../main/engine/models/model.ts';
import { isObject } from '../../main/engine/json-value.ts';
import { readPeft } from '../../main/engine/peft/index.ts';
import type { Random } from '../../main/engine/random.ts';
import { readTemplate } from '../../main/engine/templates/render-template.ts';
import { readTokenizerJson } from '../../main/engine/tokenizer/tokenizer-json.ts';
import { readCheckpoint, writeCheckpoint } from '../../main/engine/train/checkpoint.ts';
import { methods } from '../../main/api/contract.ts';
import { parseExperiment } from '../../main/services/experiments/experiment-file.ts';
import { fakeRouter } from '../api/fake-workbench.ts';
import { writeShardedModel } from '../engine/formats/model-fixture.ts';
import { root } from '../support/paths.ts';
import { writeTinyModel } from '../support/tiny-model.ts';
import { mutateBytes, mutateJson, mutateText } from './mutate.ts';

/** A kind of file or message that is read from strangers. */
export interface Format {
  /** Makes what its inputs stand beside. */
  readonly prepare: (folder: string) => void | Promise<void>;
  /** One input, by what the random numbers say. */
  readonly make: (random: Random, folder: string) => Uint8Array;
  /** Reads an input as the workbench does. Errors are what is looked at. */
  readonly read: (input: Uint8Array, folder: string) => unknown;
}

const nothing = (): void => undefined;
const text = (input: Uint8Array): string => Buffer.from(input).toString('utf8');
const jsonBytes = (value: unknown): Buffer => Buffer.from(JSON.stringify(value) ?? 'null');
const at = (...parts: string[]): string => join(root, ...parts);
const readJson = (...parts: string[]): unknown => JSON.parse(readFileSync(at(...parts), 'utf8')) as unknown;
const pick = <Item>(random: Random, items: readonly Item[]): Item => items[random.integer(items.length)]!;

/** Of JSON files: mostly changed as values, sometimes as text. */
const mutatedJson = (seed: unknown, random: Random): Buffer =>
  random.integer(10) === 0
    ? Buffer.from(mutateText(JSON.stringify(seed), random))
    : jsonBytes(mutateJson(seed, random));

const put = (folder: string, name: string, input: Uint8Array): void =>
  writeFileSync(join(folder, name), input);

const safetensorsOf = (header: unknown, body: Uint8Array): Buffer => {
  const json = jsonBytes(header);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, body]);
};

const safetensors: Format = {
  prepare: nothing,
  make: (random) => {
    const header = {
      __metadata__: { format: 'pt' },
      a: { dtype: 'F32', shape: [2, 3], data_offsets: [0, 24] },
      b: { dtype: 'BF16', shape: [4], data_offsets: [24, 32] },
    };
    const file = safetensorsOf(
      random.integer(3) === 0 ? header : mutateJson(header, random),
      Buffer.alloc(32),
    );
    return random.integer(3) === 0 ? mutateBytes(file, random) : file;
  },
  read: (input, folder) => {
    put(folder, 'x.safetensors', input);
    const header = readSafetensorsHeader(join(folder, 'x.safetensors'));
    for (const name of header.tensors.keys()) readTensorRaw(header, name);
  },
};

const shapesOfModels: readonly Record<string, unknown>[] = readdirSync(at('test/numeric/fixtures'))
  .map((name) => at('test/numeric/fixtures', name, 'model', 'config.json'))
  .filter((path) => existsSync(path))
  .map((path) => JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>);

const config: Format = {
  prepare: (folder) => void writeTinyModel(folder),
  make: (random, folder) => {
    const tiny = JSON.parse(readFileSync(join(folder, 'seed.json'), 'utf8')) as unknown;
    return mutatedJson(pick(random, [tiny, ...shapesOfModels]), random);
  },
  read: (input, folder) => {
    put(folder, 'config.json', input);
    openModel(folder);
  },
};

const withSeed = (format: Format, file: string): Format => ({
  ...format,
  prepare: async (folder) => {
    await format.prepare(folder);
    cpSync(join(folder, file), join(folder, 'seed.json'));
  },
});

const index: Format = {
  prepare: (folder) => void writeShardedModel(folder),
  make: (random, folder) =>
    mutatedJson(JSON.parse(readFileSync(join(folder, 'seed.json'), 'utf8')) as unknown, random),
  read: (input, folder) => {
    put(folder, 'model.safetensors.index.json', input);
    for (const { file } of openModelFolder(folder).tensors.values())
      if (!file.startsWith(folder + sep)) throw new TypeError(`escaped to ${file}`);
  },
};

const word = { a: 0, b: 1, ab: 2, '<unk>': 3, '</s>': 4, Ġ: 5 };
const special = { single_word: false, lstrip: true, rstrip: true, normalized: false, special: true };
const tokenizerSeeds: readonly unknown[] = [
  {
    added_tokens: [{ id: 4, content: '</s>', ...special }],
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'NFKC' },
        { type: 'Replace', pattern: { Regex: '\\s+' }, content: ' ' },
        { type: 'Lowercase' },
      ],
    },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        {
          type: 'Split',
          pattern: { Regex: '\\p{L}+|(?<=a)b|\\s+(?!\\S)' },
          behavior: 'Isolated',
          invert: false,
        },
        { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
      ],
    },
    post_processor: {
      type: 'TemplateProcessing',
      single: [{ Sequence: { id: 'A', type_id: 0 } }, { SpecialToken: { id: '</s>', type_id: 0 } }],
      pair: [],
      special_tokens: { '</s>': { id: '</s>', ids: [4], tokens: ['</s>'] } },
    },
    decoder: {
      type: 'Sequence',
      decoders: [
        { type: 'Replace', pattern: { String: 'Ġ' }, content: ' ' },
        { type: 'ByteFallback' },
        { type: 'Fuse' },
      ],
    },
    model: {
      type: 'BPE',
      vocab: word,
      merges: ['a b'],
      unk_token: '<unk>',
      fuse_unk: true,
      byte_fallback: false,
    },
  },
  {
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase: true,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: { type: 'BertProcessing', sep: ['</s>', 4], cls: ['a', 0] },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      vocab: word,
      unk_token: '<unk>',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
    },
  },
  {
    pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true },
    decoder: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true },
    model: {
      type: 'Unigram',
      unk_id: 0,
      vocab: [
        ['<unk>', 0],
        ['a', -1],
        ['ab', -1.5],
        ['▁', -2],
      ],
      byte_fallback: false,
    },
  },
];

const tokenizer: Format = {
  prepare: nothing,
  make: (random) => mutatedJson(pick(random, tokenizerSeeds), random),
  read: (input) => {
    const json = JSON.parse(text(input)) as unknown;
    if (typeof json !== 'object' || json === null || Array.isArray(json)) return;
    const engine = readTokenizerJson(json as Record<string, unknown>, 'tokenizer.json');
    for (const given of ['ab a</s> é', '', ' '.repeat(300), 'a'.repeat(2000) + '!']) {
      const { ids } = engine.encode(given, null, { addSpecialTokens: true, withOffsets: true });
      engine.decode(ids, false);
    }
  },
};

const tokenizerFiles = [
  'tokenizer_config.json',
  'special_tokens_map.json',
  'added_tokens.json',
  'chat_template.json',
];
const fileSeeds: readonly unknown[] = [
  {
    tokenizer_class: 'LlamaTokenizer',
    bos_token: '<s>',
    eos_token: { content: '</s>', lstrip: false },
    added_tokens_decoder: { '1': { content: '</s>', special: true } },
    additional_special_tokens: ['<x>'],
    add_bos_token: true,
    chat_template: [{ name: 'default', template: '{{ messages[0].content }}' }],
  },
  { bos_token: '<s>', eos_token: '</s>', pad_token: { content: '</s>' } },
  { '<x>': 2049, '</s>': 2 },
];

const tokenizerConfig: Format = {
  prepare: (folder) => void writeTinyModel(folder),
  make: (random) =>
    jsonBytes([random.integer(tokenizerFiles.length), mutateJson(pick(random, fileSeeds), random)]),
  read: (input, folder) => {
    const [which, value] = JSON.parse(text(input)) as [number, unknown];
    for (const name of tokenizerFiles) rmSync(join(folder, name), { force: true });
    put(folder, tokenizerFiles[which]!, jsonBytes(value));
    loadTokenizer(folder).encode('a whale');
  },
};

const { templates, conversations } = readJson('test/engine/templates/fixtures/expected.json') as {
  templates: Record<string, string>;
  conversations: Record<string, Record<string, unknown>>;
};
const templateSeeds = Object.values(templates).filter(({ length }) => length < 6000);
const conversation = Object.values(conversations)[0]!;

const template: Format = {
  prepare: nothing,
  make: (random) => Buffer.from(mutateText(pick(random, templateSeeds), random)),
  read: (input) => readTemplate(text(input))({ ...conversation, add_generation_prompt: true }),
};

const rowSeeds: readonly (readonly [ending: string, text: string])[] = [
  ['.jsonl', '{"prompt":"a","completion":1.50}\n{"messages":[{"role":"user","content":"é"}],"x":null}\n'],
  ['.json', '[{"a":"b"},\n {"a":[1,2,{"c":12345678901234567890}]}]'],
  ['.csv', 'a,b\n"x ""y""",2\nlong text,3\n'],
  ['.tsv', 'a\tb\nx\t2\n'],
  ['.csv', 'sep=;\na;b\n1;2\r\n"3\n";4'],
];

const rows: Format = {
  prepare: nothing,
  make: (random) => {
    const [ending, seed] = pick(random, rowSeeds);
    const changed =
      random.integer(4) === 0
        ? mutateBytes(Buffer.from(seed), random)
        : Buffer.from(mutateText(seed, random));
    return Buffer.concat([Buffer.from(`${ending}\n`), changed]);
  },
  read: (input) => {
    const bytes = Buffer.from(input);
    const cut = bytes.indexOf(0x0a);
    const name = `data${bytes.subarray(0, cut).toString('utf8')}`;
    const source = memorySource(bytes.subarray(cut + 1));
    const form = openRecords(source, name, undefined);
    for (const block of readBlocks(source, form, name))
      for (const record of block.records)
        form.parse(block.bytes.subarray(record.start, record.end), `${name}, row`);
  },
};

const yamlSeed = readFileSync(at('main/sample/demo.yaml'), 'utf8');
const yaml: Format = {
  prepare: nothing,
  make: (random) => Buffer.from(mutateText(yamlSeed, random)),
  read: (input) => parseExperiment(text(input), 'x.yaml'),
};

const peftFolder = at('test/peft/fixtures/llama/lora');
const peftLayers = openModel(at('test/numeric/fixtures/llama/model')).targetLayers;
const peft: Format = {
  prepare: (folder) => cpSync(peftFolder, folder, { recursive: true }),
  make: (random) => {
    const settings = readJson('test/peft/fixtures/llama/lora/adapter_config.json') as object;
    const more = {
      rank_pattern: { q_proj: 4 },
      alpha_pattern: {},
      layers_to_transform: [0],
      modules_to_save: [],
    };
    return mutatedJson(random.integer(2) === 0 ? settings : { ...settings, ...more }, random);
  },
  read: (input, folder) => {
    put(folder, 'adapter_config.json', input);
    const { layers, values, settings } = readPeft(folder, peftLayers);
    values.get(layers[0]?.module ?? '');
    // What is imported is kept, and read again as the workbench's own.
    adapterSettingsSchema.parse(settings);
  },
};

const checkpoint: Format = {
  prepare: async (folder) => {
    await writeCheckpoint(join(folder, 'checkpoint'), checkpointOf(3));
    // As versions without sums left it: with them nothing that was changed would be read at all.
    rmSync(join(folder, 'checkpoint', 'sums.json'));
    const description = join(folder, 'checkpoint', 'checkpoint.json');
    const { startSeal: _, ...known } = JSON.parse(readFileSync(description, 'utf8')) as Record<
      string,
      unknown
    >;
    writeFileSync(description, JSON.stringify({ ...known, formatVersion: 1 }));
  },
  make: (random, folder) => {
    const files = readdirSync(join(folder, 'checkpoint')).filter((name) => !name.endsWith('.seed'));
    const name = pick(random, files);
    const seed = join(folder, 'checkpoint', `${name}.seed`);
    if (!existsSync(seed)) cpSync(join(folder, 'checkpoint', name), seed);
    const bytes = readFileSync(seed);
    const changed = name.endsWith('.json')
      ? mutatedJson(JSON.parse(bytes.toString('utf8')), random)
      : mutateBytes(bytes, random);
    return Buffer.concat([Buffer.from(`${name}\n`), changed]);
  },
  read: (input, folder) => {
    const bytes = Buffer.from(input);
    const cut = bytes.indexOf(0x0a);
    put(join(folder, 'checkpoint'), bytes.subarray(0, cut).toString('utf8'), bytes.subarray(cut + 1));
    readCheckpoint(join(folder, 'checkpoint'), 4);
  },
};

const adapterSeed = {
  formatVersion: 1,
  adapter: { method: 'lora', rank: 2, alpha: 4, targetModules: ['q_proj'] },
  layers: [{ module: 'model.layers.0.self_attn.q_proj', outFeatures: 4, inFeatures: 4, bias: false }],
  weights: [{ name: 'w', shape: [2] }],
  classes: null,
};
const adapter: Format = {
  prepare: (folder) => put(folder, 'adapter.safetensors', safetensorsOf({}, Buffer.alloc(0))),
  make: (random) => mutatedJson(adapterSeed, random),
  read: (input, folder) => {
    put(folder, 'adapter.json', input);
    readAdapter(folder);
  },
};

const pictures = at('test/engine/data/pictures/fixtures/pictures');
/** Changed within their first bytes too, where sizes and modes are. */
const picture: Format = {
  prepare: nothing,
  make: (random) => {
    const file = Buffer.from(readFileSync(join(pictures, pick(random, readdirSync(pictures).sort()))));
    for (let changes = random.integer(4); changes > 0; changes--)
      file[random.integer(Math.min(64, file.length))] = random.integer(256);
    return random.integer(2) === 0 ? file : mutateBytes(file, random);
  },
  read: async (input) => {
    const opened = await openPictureBytes(input, 'x.jpg');
    const { width, height, rgb } = await opened.decode({ orientation: 'as-marked' });
    if (rgb.length !== width * height * 3) throw new TypeError(`${rgb.length} bytes of ${width} x ${height}`);
  },
};

const splitSeed = {
  train: [
    ['1.jpg', 0, 'cat'],
    ['in/2.jpg', 1, 'dog'],
  ],
  val: [['1.jpg', 0, 'cat']],
  test: [['in/2.jpg', 1, 'dog']],
};
const split: Format = {
  prepare: (folder) => {
    mkdirSync(join(folder, 'in'));
    for (const name of ['1.jpg', 'in/2.jpg']) put(folder, name, Buffer.alloc(0));
  },
  make: (random) => mutatedJson(splitSeed, random),
  read: (input, folder) => {
    put(folder, 'split.json', input);
    const { set } = openPictureSet(join(folder, 'split.json'));
    for (const entry of set.parts.train) {
      const path = pathOf(set, entry);
      if (!path.startsWith(folder + sep)) throw new TypeError(`escaped to ${path}`);
    }
  },
};

const parquetFiles = at('test/engine/data/pictures/fixtures/parquet');
const parquetSeeds = ['captions.parquet', 'numbers.parquet', 'classes/train-00000-of-00002.parquet'];
const parquet: Format = {
  prepare: nothing,
  make: (random) => mutateBytes(readFileSync(join(parquetFiles, pick(random, parquetSeeds))), random),
  read: async (input, folder) => {
    put(folder, 'x.parquet', input);
    const file = await openParquet(join(folder, 'x.parquet'));
    try {
      const { picture, said } = pictureColumns(file);
      for await (const row of file.read([picture, said.column])) void row;
    } finally {
      file.close();
    }
  },
};

const viewSeed = {
  image_processor_type: 'CLIPImageProcessor',
  size: { shortest_edge: 224 },
  crop_size: { height: 224, width: 224 },
  resample: 3,
  rescale_factor: 0.00392156862745098,
  image_mean: [0.5, 0.5, 0.5],
  image_std: [0.5, 0.5, 0.5],
  do_center_crop: true,
  do_normalize: true,
};
const view: Format = {
  prepare: nothing,
  make: (random) => mutatedJson(viewSeed, random),
  read: (input) => {
    const settings: unknown = JSON.parse(text(input));
    if (isObject(settings)) viewOf(settings, 'preprocessor_config.json');
  },
};

const names = Object.keys(methods);
const apiSeeds: readonly unknown[] = [
  { id: 'x', name: 'n' },
  {
    sourcePath: '/tmp/x',
    directory: '/tmp/x',
    trainFile: '/tmp/x.jsonl',
    format: { kind: 'text', text: 'text' },
  },
  {
    definition: {
      version: 1,
      name: 'a',
      model: 'm',
      dataset: 'd',
      training: { steps: 2 },
      configurations: [{ name: 'x', adapter: { method: 'lora', rank: 2 } }],
    },
  },
];
const api: Format = {
  prepare: nothing,
  make: (random) =>
    jsonBytes([
      random.integer(20) === 0 ? '__proto__' : pick(random, names),
      mutateJson(pick(random, apiSeeds), random),
    ]),
  read: async (input) => {
    const [method, params] = JSON.parse(text(input)) as [unknown, unknown];
    const { router, defects } = fakeRouter();
    const answer = await router.call(method, params);
    // Methods that the double has no answer for: the parameters were taken.
    const [defect] = defects.filter((one) => !String(one).includes('is not part of this test'));
    if (defect !== undefined) throw defect instanceof Error ? defect : new TypeError('not an error');
    if (!answer.ok && /[\u0000-\u001f\u202e]/.test(answer.error.message))
      throw new TypeError('a message that steers');
  },
};

export const formats: Readonly<Record<string, Format>> = {
  safetensors,
  config: withSeed(config, 'config.json'),
  index: withSeed(index, 'model.safetensors.index.json'),
  tokenizer,
  'tokenizer-config': tokenizerConfig,
  template,
  rows,
  yaml,
  peft,
  checkpoint,
  adapter,
  picture,
  split,
  parquet,
  view,
  api,
};

/** Makes a folder of a format's own. */
export const prepared = async (format: Format, folder: string): Promise<string> => {
  mkdirSync(folder, { recursive: true });
  await format.prepare(folder);
  return folder;
};
