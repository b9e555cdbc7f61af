/** Parts of a model that draws, as its weights' names begin. Pure: it runs in a browser too. */
export const modelPartNames = ['unet', 'text_encoder', 'text_encoder_2', 'vae'] as const;
export type ModelPartName = (typeof modelPartNames)[number];

/** What a matrix or a convolution is for. */
export const siteUses = [
  'self-attention',
  'cross-attention',
  'feed-forward',
  'projection',
  'convolution-3x3',
  'convolution-1x1',
  'convolution',
  'conditioning',
  'embedding',
  'other',
] as const;
export type SiteUse = (typeof siteUses)[number];

/** How an adapter comes to a site: `all-linear` takes it, its name takes it, or nothing does, since it is only used. */
export const siteTargets = ['all-linear', 'by-name', 'only-used'] as const;
export type SiteTarget = (typeof siteTargets)[number];

/** Sites of one use. */
export interface PartSites {
  readonly use: SiteUse;
  readonly target: SiteTarget;
  /** As target modules name them: `to_q`. */
  readonly names: readonly string[];
  readonly count: number;
  /** The least and the largest. */
  readonly outFeatures: readonly [number, number];
  readonly inFeatures: readonly [number, number];
}

export interface ModelPart {
  readonly part: ModelPartName;
  /** Numbers, norms and biases included. */
  readonly parameters: number;
  readonly sites: readonly PartSites[];
}
