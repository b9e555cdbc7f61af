import type { ModelPart, ModelPartName, SiteTarget, SiteUse } from '../api/contract.ts';
import { countText } from './quantities.ts';
import { formatTable } from './table.ts';

const parts: Readonly<Record<ModelPartName, string>> = {
  unet: 'U-Net',
  text_encoder: 'text encoder',
  text_encoder_2: 'text encoder 2',
  vae: 'VAE',
};

const uses: Readonly<Record<SiteUse, string>> = {
  'self-attention': 'self-attention',
  'cross-attention': 'attention to texts',
  'feed-forward': 'feed forward',
  projection: 'projections',
  'convolution-3x3': 'convolutions 3x3',
  'convolution-1x1': 'convolutions 1x1',
  convolution: 'convolutions',
  conditioning: 'timesteps and sizes',
  embedding: 'embeddings',
  other: 'others',
};

const targets: Readonly<Record<SiteTarget, string>> = {
  'all-linear': 'yes',
  'by-name': 'by name',
  'only-used': 'only used',
};

const rangeText = ([least, most]: readonly [number, number]): string =>
  least === most ? `${least}` : `${least}–${most}`;

/** A model that draws by its parts: a row for what sites are for, a part's name in its first. */
export const partsTable = (all: readonly ModelPart[]): string =>
  formatTable(
    all.flatMap(({ part, parameters, sites }) =>
      sites.map((site, at) => ({ ...site, head: at === 0 ? { part, parameters } : null })),
    ),
    [
      { title: 'part', text: ({ head }) => (head === null ? '' : parts[head.part]) },
      {
        title: 'parameters',
        text: ({ head }) => (head === null ? '' : countText(head.parameters)),
        isNumber: true,
      },
      { title: 'sites', text: ({ use }) => uses[use] },
      { title: 'target modules', text: ({ names }) => names.join(' ') },
      { title: 'times', text: ({ count }) => countText(count), isNumber: true },
      {
        title: 'out x in',
        text: ({ outFeatures, inFeatures }) => `${rangeText(outFeatures)} x ${rangeText(inFeatures)}`,
        isNumber: true,
      },
      { title: 'adapted', text: ({ target }) => targets[target] },
    ],
  );
