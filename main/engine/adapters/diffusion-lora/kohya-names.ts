import type { DiffusionConfig } from '../../formats/diffusion/configuration.ts';
import { renamer, unetModules } from '../../formats/diffusion/original-modules.ts';

/*
 * What kohya's files (sd-scripts, and with it ComfyUI, A1111, Forge and OneTrainer) call a module: its path with _ for dots behind a mark of the
 * part. The U-Net of SDXL has the original code's paths there, all others have diffusers'.
 */

const flat = (path: string): string => path.replaceAll('.', '_');

/** @param module with its part before it: `unet.down_blocks.0...` */
const split = (module: string): { part: string; path: string } => {
  const at = module.indexOf('.');
  return { part: module.slice(0, at), path: module.slice(at + 1) };
};

/** How a model's modules are called in files of this form that are written. */
export const kohyaName = ({ unet, model_type: type }: DiffusionConfig) => {
  const isXl = type === 'stable-diffusion-xl';
  const original = renamer(unetModules(unet), 'ours');
  const marks: Readonly<Record<string, string>> = {
    unet: 'lora_unet_',
    text_encoder: isXl ? 'lora_te1_' : 'lora_te_',
    text_encoder_2: 'lora_te2_',
  };
  return (module: string): string => {
    const { part, path } = split(module);
    return `${marks[part]}${flat(isXl && part === 'unet' ? (original(path) ?? path) : path)}`;
  };
};

/** All names that a module may have in files that are read: the other code's paths are met, too. */
export const kohyaNames = (config: DiffusionConfig) => {
  const usual = kohyaName(config);
  const original = renamer(unetModules(config.unet), 'ours');
  return (module: string): string[] => {
    const { part, path } = split(module);
    if (part !== 'unet') return [usual(module)];
    return [
      ...new Set([usual(module), ...[path, original(path) ?? path].map((one) => `lora_unet_${flat(one)}`)]),
    ];
  };
};
