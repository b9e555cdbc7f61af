import { WorkbenchError } from '../../errors.ts';
import type { LayerPlace } from '../../models/architecture.ts';

/*
 * Which layers a file of CLIP-LoRA (github.com/MaxZanella/CLIP-LoRA 358f0d7, loralib/utils.py) can be of. Its loader is told four things, and
 * refuses a file that says otherwise: towers ("encoder"), projections ("params"), layers by the name of a set of them ("position"), and one rank.
 */

export type Tower = 'text' | 'vision';
export const towers = ['text', 'vision'] as const satisfies readonly Tower[];

/** Its letters, in the order of its defaults, with what its files and what our models call them. */
const projections = [
  { letter: 'q', saved: 'q_proj', module: 'q_proj' },
  { letter: 'k', saved: 'k_proj', module: 'k_proj' },
  { letter: 'v', saved: 'v_proj', module: 'v_proj' },
  { letter: 'o', saved: 'proj', module: 'out_proj' },
] as const;

type Projection = (typeof projections)[number];

const upTo = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, at) => from + at);

const ofTwelve: Readonly<Record<string, readonly number[]>> = {
  all: upTo(0, 12),
  'half-up': upTo(6, 12),
  'half-bottom': upTo(0, 6),
  up: upTo(8, 12),
  mid: upTo(4, 8),
  bottom: upTo(0, 4),
  top3: upTo(9, 12),
};
const ofTwentyFour: typeof ofTwelve = {
  all: upTo(0, 24),
  'half-up': upTo(12, 24),
  'half-bottom': upTo(0, 12),
};
const { top3: _, ...withoutTop3 } = ofTwelve;

/** The sets of layers that its command line knows for each of its models; its text towers have twelve layers. */
export const backbones = {
  'ViT-B/16': ofTwelve,
  'ViT-B/32': withoutTop3,
  'ViT-L/14': ofTwentyFour,
} as const satisfies Record<string, typeof ofTwelve>;

export type Backbone = keyof typeof backbones;

/** What tells its models apart: layers of the picture tower, and pixels of a patch. */
export const backboneOf = (layers: number, patch: number): Backbone => {
  if (layers > 12) return 'ViT-L/14';
  return patch === 32 ? 'ViT-B/32' : 'ViT-B/16';
};

/** A layer of attention in the file, with the modules of its projections. */
export interface SavedAttention {
  readonly projections: readonly { readonly saved: string; readonly module: string }[];
}

export interface ClipLoraLayout {
  readonly encoder: Tower | 'both';
  readonly params: readonly string[];
  readonly position: string;
  /** In the order of the file: those of the text tower first. */
  readonly layers: readonly SavedAttention[];
}

interface Site {
  readonly tower: Tower;
  readonly layer: number;
  readonly projection: Projection;
}

const siteExpression = /^(text|vision)_model\.encoder\.layers\.(\d+)\.self_attn\.(\w+)$/;

const siteOf = (module: string): Site | null => {
  const [, tower, layer, name] = siteExpression.exec(module) ?? [];
  const projection = projections.find((one) => one.module === name);
  return projection === undefined ? null : { tower: tower as Tower, layer: Number(layer), projection };
};

const refused = (why: string): WorkbenchError =>
  new WorkbenchError('unsupported', `CLIP-LoRA's file: ${why}; export a PEFT folder, which can say it`);

const listOf = (values: Iterable<number | string>): string => [...values].join(', ');

const numbersOf = (sites: readonly Site[]): number[] =>
  [...new Set(sites.map(({ layer }) => layer))].sort((a, b) => a - b);

/** The set of layers that is meant, of those that the tower has. */
const isPosition = (set: readonly number[], numbers: readonly number[], layers: number): boolean => {
  const there = set.filter((layer) => layer < layers);
  return there.length === numbers.length && there.every((layer, at) => layer === numbers[at]);
};

/**
 * How the file names an adapter's layers.
 * @param depths layers of each tower
 * @throws unsupported naming what of the adapter its loader can't be told
 */
export const clipLoraLayout = (
  adapted: readonly Pick<LayerPlace, 'module'>[],
  depths: Readonly<Record<Tower, number>>,
  backbone: Backbone,
): ClipLoraLayout => {
  const known: Readonly<Record<string, readonly number[]>> = backbones[backbone];
  const sites = adapted.map(({ module }) => {
    const site = siteOf(module);
    if (site === null)
      throw refused(
        `${module} is adapted, and it holds queries, keys, values and outputs of attention alone`,
      );
    return site;
  });
  const used = towers.filter((tower) => sites.some((site) => site.tower === tower));
  const ofTower = (tower: Tower): Site[] => sites.filter((site) => site.tower === tower);
  const letters = projections.filter((one) => sites.some(({ projection }) => projection === one));
  for (const tower of used)
    for (const layer of numbersOf(ofTower(tower)))
      for (const one of letters)
        if (!sites.some((site) => site.tower === tower && site.layer === layer && site.projection === one))
          throw refused(
            `${tower}_model.encoder.layers.${layer}.self_attn.${one.module} is not adapted, and every layer of it has the same of q, k, v and o`,
          );
  const position = Object.keys(known).find((name) =>
    used.every((tower) =>
      isPosition(
        // Its text towers have twelve layers whatever the other one has.
        tower === 'text' ? (ofTwelve[name] ?? []) : known[name]!,
        numbersOf(ofTower(tower)),
        depths[tower],
      ),
    ),
  );
  if (position === undefined)
    throw refused(
      `it has no name for these layers (${used.map((tower) => `${tower} ${listOf(numbersOf(ofTower(tower)))}`).join('; ')}); of a ${backbone} it knows ${listOf(Object.keys(known))}`,
    );
  return {
    encoder: used.length === 2 ? 'both' : used[0]!,
    params: letters.map(({ letter }) => letter),
    position,
    layers: used.flatMap((tower) =>
      numbersOf(ofTower(tower)).map((layer) => ({
        projections: letters.map(({ saved, module }) => ({
          saved,
          module: `${tower}_model.encoder.layers.${layer}.self_attn.${module}`,
        })),
      })),
    ),
  };
};
