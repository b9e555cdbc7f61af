import { clipTensors } from '../open-clip/tensor-names.ts';
import type { TensorLocation } from '../safetensors-reader.ts';
import { currentName, withoutKernel } from './current-names.ts';
import type { DiffusionConfig, WeightPart } from './configuration.ts';
import {
  originalTexts,
  renamer,
  unetModules,
  unetPrefix,
  vaeModules,
  vaePrefix,
  type OriginalText,
} from './original-modules.ts';

type Named = readonly (readonly [name: string, location: TensorLocation])[];

/** What a tensor of a single file is to us: tensors under our names, none where it says nothing, or null where nobody knows it. */
export type NameTensor = (name: string, location: TensorLocation) => Named | null;

/** What the original code saved and nothing reads: the schedule, averages, and marks. Which of them an export drops is `droppedKeys`. */
const deadKeys =
  /^(alphas_cumprod(_prev)?|betas|log_one_minus_alphas_cumprod|posterior_(log_variance_clipped|mean_coef[12]|variance)|sqrt_(one_minus_alphas_cumprod|recip_alphas_cumprod|recipm1_alphas_cumprod|alphas_cumprod)|logvar|lvlb_weights|scale_factor|global_step|denoiser\.sigmas|v_pred|ztsnr|epoch|state_dict|cond_stage_model\.(model\.)?logit_scale|conditioner\.embedders\.\d\.(model\.)?logit_scale|cond_stage_model\.(tokenizer|device)\b.*)$|^(model_ema|first_stage_model\.loss|first_stage_model\.model_ema|embedding_manager)\.|\.num_updates$|\.decay$/;

/** Averages of the weights as they were before: they would be wrong beside merged ones. */
export const droppedKeys = /^model_ema\./;

const after = (name: string, prefix: string): string | null =>
  name.startsWith(`${prefix}.`) ? name.slice(prefix.length + 1) : null;

const lineOfAttention = /\.mid\.attn_1\.(q|k|v|proj_out)\.weight$/;

const prefixed = (part: WeightPart, tensors: Named): Named =>
  tensors.map(([name, location]) => [`${part}.${name}`, location]);

/** SD 2 draws from the states before the last layer, which diffusers leaves out with what comes after it. */
const isPastTheEnd = (rest: string, layers: number): boolean => {
  const layer = /^transformer\.resblocks\.(\d+)\./.exec(rest)?.[1];
  return layer !== undefined && Number(layer) >= layers;
};

const ofOpenClip =
  ({ part }: OriginalText, layers: number): NameTensor =>
  (rest, location) => {
    const isIdle =
      isPastTheEnd(rest, layers) ||
      rest === 'logit_scale' ||
      (part === 'text_encoder' && rest === 'text_projection');
    if (isIdle) return [];
    const tensors = clipTensors(rest, location);
    // What clipTensors does not know it leaves as it is.
    const isKnown = tensors.every(([name]) => /^text_(model|projection)\./.test(name));
    return tensors.length > 0 && !isKnown ? null : prefixed(part, tensors);
  };

const ofTransformers =
  ({ part }: OriginalText): NameTensor =>
  (rest, location) => {
    if (rest.startsWith('vision_model.')) return null;
    const named = currentName(part, rest, location);
    return named === null ? [] : prefixed(part, [named]);
  };

/** What each tensor of a single file in the original names is, for a model of this config. */
export const originalTensors = (config: DiffusionConfig): NameTensor => {
  const [unet, vae] = [
    renamer(unetModules(config.unet), 'original'),
    renamer(vaeModules(config.vae), 'original'),
  ];
  const renamed = (part: WeightPart, name: string | null, location: TensorLocation): Named | null =>
    name === null ? null : [[`${part}.${name}`, location]];
  const texts = originalTexts(config).map((text) => ({
    ...text,
    read:
      text.code === 'open_clip'
        ? ofOpenClip(
            text,
            Number((config[text.part] as Readonly<Record<string, unknown>>)['num_hidden_layers']),
          )
        : ofTransformers(text),
  }));
  return (name, location) => {
    if (deadKeys.test(name)) return [];
    const ofUnet = after(name, unetPrefix);
    if (ofUnet !== null) return renamed('unet', unet(ofUnet), location);
    const ofVae = after(name, vaePrefix);
    if (ofVae !== null)
      return renamed('vae', vae(ofVae), lineOfAttention.test(name) ? withoutKernel(location) : location);
    for (const { prefix, read } of texts) {
      const rest = after(name, prefix);
      if (rest !== null) return read(rest, location);
    }
    return null;
  };
};
