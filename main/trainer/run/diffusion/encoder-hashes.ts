import type { ModelFile } from '../../../engine/formats/model-file-schema.ts';

/**
 * What stands for the weights and settings that make latents: the hashes of the VAE's files, or of the one file that a model is. Null where nobody has
 * looked at the files, and nothing can be found again.
 */
export const encoderHashes = (files: readonly ModelFile[] | undefined): readonly string[] | null => {
  if (files === undefined || files.length === 0) return null;
  const ofVae = files.filter(({ name }) => /(^|[\\/])vae[\\/]/.test(name));
  return (ofVae.length === 0 ? files : ofVae).map(({ sha256 }) => sha256);
};
