import type { ModelPartName, SiteTarget, SiteUse } from '../../../main/api/contract.ts';

export const describePart: Readonly<Record<ModelPartName, string>> = {
  unet: 'U-Net',
  text_encoder: 'Text encoder',
  text_encoder_2: 'Second text encoder',
  vae: 'VAE',
};

export const describeUse: Readonly<Record<SiteUse, string>> = {
  'self-attention': 'Self-attention',
  'cross-attention': 'Attention to texts',
  'feed-forward': 'Feed forward',
  projection: 'Projections',
  'convolution-3x3': 'Convolutions 3 × 3',
  'convolution-1x1': 'Convolutions 1 × 1',
  convolution: 'Convolutions',
  conditioning: 'Timesteps and sizes',
  embedding: 'Embeddings',
  other: 'Others',
};

/** How an adapter comes there. */
export const describeTarget: Readonly<Record<SiteTarget, string>> = {
  'all-linear': 'Yes',
  'by-name': 'By name',
  'only-used': 'Only used',
};
