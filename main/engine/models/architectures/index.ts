import { valueText } from '../../json-value.ts';
import { WorkbenchError, invalidInput } from '../../errors.ts';
import type { ObjectiveName } from '../../objective-names.ts';
import type { ModelArchitecture, ReadArchitecture } from '../architecture.ts';
import { readBert } from './bert.ts';
import { readClip } from './clip.ts';
import { readDinov2 } from './dinov2.ts';
import { readGemma2 } from './gemma2.ts';
import { readGemma3Text } from './gemma3-text.ts';
import { readGpt2 } from './gpt2.ts';
import { readLlama } from './llama.ts';
import { readMistral } from './mistral.ts';
import { readOlmo2 } from './olmo2.ts';
import { readPhi3 } from './phi3.ts';
import { readQwen2 } from './qwen2.ts';
import { readQwen3 } from './qwen3.ts';
import { readRoberta } from './roberta.ts';
import { readSiglip } from './siglip.ts';
import { readSmollm3 } from './smollm3.ts';
import { readStableDiffusion, readStableDiffusionXl } from './stable-diffusion.ts';
import { readVit } from './vit.ts';

interface Architecture {
  /** What people call its models. */
  readonly family: string;
  readonly read: ReadArchitecture;
}

/** Those that are trained, by the `model_type` of config.json. A new one is its file and its line here. */
const trained: Readonly<Record<string, Architecture>> = {
  llama: { family: 'Llama', read: readLlama },
  mistral: { family: 'Mistral', read: readMistral },
  qwen2: { family: 'Qwen', read: readQwen2 },
  qwen3: { family: 'Qwen', read: readQwen3 },
  smollm3: { family: 'SmolLM', read: readSmollm3 },
  olmo2: { family: 'OLMo 2', read: readOlmo2 },
  phi3: { family: 'Phi-3', read: readPhi3 },
  gemma2: { family: 'Gemma', read: readGemma2 },
  gemma3_text: { family: 'Gemma', read: readGemma3Text },
  gpt2: { family: 'GPT-2', read: readGpt2 },
  bert: { family: 'BERT', read: readBert },
  roberta: { family: 'RoBERTa', read: readRoberta },
  clip: { family: 'CLIP', read: readClip },
  siglip: { family: 'SigLIP', read: readSiglip },
  'stable-diffusion': { family: 'Stable Diffusion', read: readStableDiffusion },
  'stable-diffusion-xl': { family: 'Stable Diffusion XL', read: readStableDiffusionXl },
};

/** Those that only measure. */
const instruments: Readonly<Record<string, Architecture>> = {
  vit: { family: 'DINO', read: readVit },
  dinov2: { family: 'DINO', read: readDinov2 },
};

const architectures: Readonly<Record<string, Architecture>> = { ...trained, ...instruments };

/** Architectures that look like one that is read, each with what a person can do. */
const lookalikes: Readonly<Record<string, string>> = {
  siglip2:
    'is SigLIP 2 in its NaFlex form, whose pictures keep their aspect and are of any number of patches; take a SigLIP 2 of a fixed resolution (siglip2-base-patch16-224 and the like), whose model_type is "siglip"',
  dinov2_with_registers:
    'is DINOv2 with register tokens, which is not read; take one without (dinov2-small, dinov2-base), whose model_type is "dinov2"',
  dinov3_vit:
    'is DINOv3, which is not read; take a DINOv2 (model_type "dinov2") or a DINO (model_type "vit")',
};

export const supportedArchitectures: readonly string[] = Object.keys(architectures);
export const trainedArchitectures: readonly string[] = Object.keys(trained);

/** For people to read. */
export const modelFamilies: readonly string[] = [
  ...new Set(Object.values(architectures).map(({ family }) => family)),
];

/**
 * transformers' classes that a model of an objective is not read from. A decoder with another head has the same keys, and where the
 * head is tied the same weights: only its name tells. A classifier is made of an encoder with whatever head it has.
 */
const otherHeads: Readonly<Record<ObjectiveName, RegExp | null>> = {
  'next-token': /For(?!CausalLM$)[A-Z]\w*$/,
  classification: null,
  // Files with other heads lack a tower, which is told by its weights.
  'class-prompts': null,
  'image-captions': null,
  'caption-matches': null,
  // Folders of diffusers name no class of transformers'.
  noise: null,
  // Whatever sits on it is passed over: what it gives comes before.
  'picture-embeddings': null,
};

const refuseOtherHeads = (
  { objective }: ModelArchitecture,
  config: Readonly<Record<string, unknown>>,
  place: string,
): void => {
  const named: unknown = config['architectures'];
  if (!Array.isArray(named) || named.length === 0) return;
  const isOther = (name: unknown): boolean => otherHeads[objective]?.test(valueText(name)) ?? false;
  if (named.every(isOther))
    throw new WorkbenchError(
      'unsupported',
      `${place}: architectures is ${named.map(valueText).join(', ')}; of ${valueText(config['model_type'])} models only language models are read`,
    );
};

/** The model that a config.json describes. `place` is its path, for errors. */
export const readArchitecture = (
  config: Readonly<Record<string, unknown>>,
  place: string,
): ModelArchitecture => {
  const type = config['model_type'];
  if (typeof type !== 'string') throw invalidInput(`${place}: model_type is missing`);
  const architecture = Object.hasOwn(architectures, type) ? architectures[type] : undefined;
  if (!architecture && Object.hasOwn(lookalikes, type))
    throw new WorkbenchError('unsupported', `${place}: model_type "${type}" ${lookalikes[type]}`);
  if (!architecture)
    throw new WorkbenchError(
      'unsupported',
      `${place}: the architecture "${type}" is not supported yet (supported: ${supportedArchitectures.join(', ')})`,
    );
  const model = architecture.read(config, place);
  refuseOtherHeads(model, config, place);
  return model;
};
