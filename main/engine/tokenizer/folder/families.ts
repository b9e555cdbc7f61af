/**
 * Tokenizer classes of transformers whose code does more than read tokenizer.json: by what it does. Classes that are not here
 * (PreTrainedTokenizerFast, TokenizersBackend) leave tokenizer.json as it is.
 */
export type Family =
  'bert' | 'clip' | 'gpt2' | 'roberta' | 'qwen2' | 'llama' | 'gemma' | 'siglip' | 'siglip2' | 'plain';

const familyOfClass: Readonly<Record<string, Family>> = {
  BertTokenizer: 'bert',
  ConvBertTokenizer: 'bert',
  DistilBertTokenizer: 'bert',
  ElectraTokenizer: 'bert',
  LayoutLMTokenizer: 'bert',
  MobileBertTokenizer: 'bert',
  SqueezeBertTokenizer: 'bert',
  BartTokenizer: 'roberta',
  LongformerTokenizer: 'roberta',
  RobertaTokenizer: 'roberta',
  GPT2Tokenizer: 'gpt2',
  Qwen2Tokenizer: 'qwen2',
  CodeLlamaTokenizer: 'llama',
  LlamaTokenizer: 'llama',
  GemmaTokenizer: 'gemma',
  CLIPTokenizer: 'clip',
  SiglipTokenizer: 'siglip',
  Siglip2Tokenizer: 'siglip2',
};

/** Where tokenizer_config.json names no class, transformers goes by the model. */
const familyOfModel: Readonly<Record<string, Family>> = {
  bert: 'bert',
  gpt2: 'gpt2',
  roberta: 'roberta',
  qwen2: 'qwen2',
  qwen3: 'qwen2',
  llama: 'llama',
  mistral: 'llama',
  phi3: 'llama',
  gemma2: 'gemma',
  gemma3: 'gemma',
  gemma3_text: 'gemma',
  siglip: 'siglip',
};

const look = (table: Readonly<Record<string, Family>>, key: unknown): Family | undefined =>
  typeof key === 'string' && Object.hasOwn(table, key) ? table[key] : undefined;

/**
 * @param tokenizerClass tokenizer_class of tokenizer_config.json; with or without "Fast" at its end means the same
 * @param modelType model_type of config.json
 */
export const familyOf = (tokenizerClass: unknown, modelType: unknown): Family => {
  if (typeof tokenizerClass !== 'string') return look(familyOfModel, modelType) ?? 'plain';
  return look(familyOfClass, tokenizerClass.replace(/Fast$/, '')) ?? 'plain';
};

const ofGemma = { unk_token: '<unk>', bos_token: '<bos>', eos_token: '<eos>', pad_token: '<pad>' };

/** Special tokens that a class has unless tokenizer_config.json says otherwise. */
export const defaultSpecialTokens: Readonly<Record<Family, Readonly<Record<string, string>>>> = {
  bert: {
    unk_token: '[UNK]',
    sep_token: '[SEP]',
    pad_token: '[PAD]',
    cls_token: '[CLS]',
    mask_token: '[MASK]',
  },
  gpt2: { unk_token: '<|endoftext|>', bos_token: '<|endoftext|>', eos_token: '<|endoftext|>' },
  roberta: {
    bos_token: '<s>',
    eos_token: '</s>',
    sep_token: '</s>',
    cls_token: '<s>',
    unk_token: '<unk>',
    pad_token: '<pad>',
    mask_token: '<mask>',
  },
  qwen2: { unk_token: '<|endoftext|>', eos_token: '<|endoftext|>', pad_token: '<|endoftext|>' },
  llama: { unk_token: '<unk>', bos_token: '<s>', eos_token: '</s>' },
  gemma: ofGemma,
  clip: {
    unk_token: '<|endoftext|>',
    bos_token: '<|startoftext|>',
    eos_token: '<|endoftext|>',
    pad_token: '<|endoftext|>',
  },
  siglip: { unk_token: '<unk>', eos_token: '</s>', pad_token: '</s>' },
  siglip2: ofGemma,
  plain: {},
};

/** Classes that put padding before a text unless tokenizer_config.json says otherwise (padding_side). */
export const padsOnLeft: ReadonlySet<Family> = new Set(['llama', 'gemma', 'siglip2']);
