import { targetName } from './architecture.ts';
import type { Model } from './model.ts';
import {
  modelPartNames,
  siteUses,
  type ModelPart,
  type PartSites,
  type SiteTarget,
  type SiteUse,
} from './model-part-names.ts';

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, axis) => product * axis, 1);

/** By the path alone, in this order. */
const uses: readonly (readonly [SiteUse, RegExp])[] = [
  ['cross-attention', /\.attn2\./],
  ['self-attention', /\.(attn1|self_attn|attentions\.\d+)\.(to_[qkv]|to_out\.0|[qkv]_proj|out_proj)$/],
  ['feed-forward', /\.(ff\.net|mlp)\./],
  ['projection', /\.(proj_in|proj_out|text_projection)$/],
  ['conditioning', /(time_embedding|time_emb_proj|add_embedding)/],
  ['embedding', /embedding$/],
];

const useOf = (module: string, shape: readonly number[]): SiteUse => {
  const known = uses.find(([, path]) => path.test(module));
  if (known) return known[0];
  if (shape.length !== 4) return 'other';
  return shape[2] === 3 ? 'convolution-3x3' : shape[2] === 1 ? 'convolution-1x1' : 'convolution';
};

interface Site {
  readonly name: string;
  readonly use: SiteUse;
  readonly target: SiteTarget;
  readonly outFeatures: number;
  readonly inFeatures: number;
}

const rangeOf = (values: readonly number[]): [number, number] => [Math.min(...values), Math.max(...values)];

const grouped = (sites: readonly Site[]): PartSites[] =>
  [...Map.groupBy(sites, ({ use, target }) => `${use} ${target}`).values()]
    .map((group) => ({
      use: group[0]!.use,
      target: group[0]!.target,
      names: [...new Set(group.map(({ name }) => name))],
      count: group.length,
      outFeatures: rangeOf(group.map(({ outFeatures }) => outFeatures)),
      inFeatures: rangeOf(group.map(({ inFeatures }) => inFeatures)),
    }))
    .toSorted((a, b) => siteUses.indexOf(a.use) - siteUses.indexOf(b.use));

/**
 * A model that draws by its parts, each with its matrices and convolutions by what they are for; none of other models. It is worked out of
 * the weights' names and shapes, so nothing of it is kept.
 */
export const modelParts = ({
  architecture,
  weightShapes,
  targetLayers,
}: Pick<Model, 'architecture' | 'weightShapes' | 'targetLayers'>): ModelPart[] => {
  if (!architecture.diffusion) return [];
  const targets = new Map(targetLayers.map((layer) => [layer.module, layer]));
  const siteOf = (name: string, shape: readonly number[]): Site | null => {
    if (shape.length < 2 || !name.endsWith('.weight')) return null;
    const module = name.slice(0, -'.weight'.length);
    const layer = targets.get(module);
    const use = useOf(module, shape);
    const sides = [shape[0]!, sizeOf(shape.slice(1))] as const;
    // An embedding lies as (in x out).
    const [out, into] = use === 'embedding' ? [sides[1], sides[0]] : sides;
    const {
      outFeatures,
      inFeatures,
      role = 'hidden',
    } = layer ?? {
      outFeatures: out,
      inFeatures: into,
    };
    const target = layer ? (role === 'hidden' ? 'all-linear' : 'by-name') : 'only-used';
    return { name: targetName({ module }), use, target, outFeatures, inFeatures };
  };
  return modelPartNames.flatMap((part): ModelPart[] => {
    const weights = [...weightShapes].filter(([name]) => name.startsWith(`${part}.`));
    if (weights.length === 0) return [];
    return [
      {
        part,
        parameters: weights.reduce((sum, [, shape]) => sum + sizeOf(shape), 0),
        sites: grouped(weights.flatMap(([name, shape]) => siteOf(name, shape) ?? [])),
      },
    ];
  });
};
