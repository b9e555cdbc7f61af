/** Names of the VAE's attention in files of diffusers before 0.18. */
const olderAttention: Readonly<Record<string, string>> = {
  to_q: 'query',
  to_k: 'key',
  to_v: 'value',
  'to_out.0': 'proj_attn',
};

/** Names that other versions of diffusers and transformers have given to a weight: transformers 5 leaves `text_model` out. */
export const olderDiffusionNames = (name: string): readonly string[] => [
  ...(name.startsWith('vae.')
    ? [
        name.replace(
          /(?<=\.attentions\.0\.)(to_q|to_k|to_v|to_out\.0)(?=\.)/,
          (part) => olderAttention[part]!,
        ),
      ]
    : []),
  ...(name.startsWith('text_encoder.text_model.') ? [name.replace('.text_model', '')] : []),
];
