import { isTargeted, layerNumber } from '../../../../main/api/contract.ts';
import type { LayerPlace } from '../../../../main/api/contract.ts';

/** Halves of a model that compares pictures with texts; of one that draws, its text encoders and what they steer. */
export type Tower = 'vision' | 'text' | 'denoiser';
export const towerNames: Readonly<Record<Tower, string>> = {
  vision: 'Pictures',
  text: 'Texts',
  denoiser: 'U-Net',
};

/** By how its path begins; null for what belongs to neither. */
export const towerOf = (module: string): Tower | null => {
  if (/^(vision|visual)/.test(module)) return 'vision';
  if (module.startsWith('unet.')) return 'denoiser';
  return module.startsWith('text') ? 'text' : null;
};

/** `q_proj`, `to_out.0`: a number stays with the name before it. */
export const matrixName = (module: string): string => /[^.]*(\.\d+)*$/.exec(module)![0];

export const lastName = (module: string): string => module.slice(module.lastIndexOf('.') + 1);

/** Which layers of a tower, as CLIP-LoRA calls them. Its tables are of 12 layers; other numbers are parted alike. */
export const positions = {
  all: { label: 'All', of: (count: number) => range(0, count) },
  bottom: { label: 'Bottom third', of: (count: number) => range(0, Math.round(count / 3)) },
  mid: {
    label: 'Middle third',
    of: (count: number) => range(Math.round(count / 3), Math.round((2 * count) / 3)),
  },
  up: { label: 'Top third', of: (count: number) => range(Math.round((2 * count) / 3), count) },
  'half-bottom': { label: 'Bottom half', of: (count: number) => range(0, Math.floor(count / 2)) },
  'half-up': { label: 'Top half', of: (count: number) => range(Math.floor(count / 2), count) },
  top3: { label: 'Top three', of: (count: number) => range(Math.max(0, count - 3), count) },
} as const;
export type Position = keyof typeof positions;
export const positionNames = Object.keys(positions) as Position[];

const range = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from) }, (_, at) => from + at);

/** What a person says of targets in a model of two towers. */
export interface TowerChoice {
  readonly towers: 'both' | Tower;
  readonly position: Position;
  /** Of matrices, as `q_proj`. */
  readonly names: readonly string[];
}

type Targets = string | string[];

const towersIn = ({ towers }: TowerChoice): Tower[] => (towers === 'both' ? ['vision', 'text'] : [towers]);

/** Names of matrices that stand in the numbered layers of both towers, or of the given one. */
export const namesIn = (layers: readonly LayerPlace[]): string[] => [
  ...new Set(
    layers
      .filter(({ module, role = 'hidden' }) => role === 'hidden' && layerNumber(module) !== undefined)
      .map(({ module }) => lastName(module)),
  ),
];

/** Paths of a tower's layers up to their number: `vision_model.encoder.layers`, and how many there are. */
const stackOf = (layers: readonly LayerPlace[], tower: Tower): { prefix: string; count: number } | null => {
  const numbered = layers.filter(
    ({ module }) => towerOf(module) === tower && layerNumber(module) !== undefined,
  );
  const [first] = numbered;
  if (first === undefined) return null;
  const prefix = first.module.slice(0, first.module.search(/\.\d+\./));
  return { prefix, count: 1 + Math.max(...numbered.map(({ module }) => layerNumber(module)!)) };
};

const escaped = (text: string): string => text.replaceAll('.', '\\.');
const oneOf = (parts: readonly (string | number)[]): string =>
  parts.length === 1 ? String(parts[0]) : `(${parts.join('|')})`;

/**
 * As settings have it: a list of names where every layer of both towers is meant, or else a regular expression of whole paths, which PEFT reads
 * alike.
 */
export const targetsOf = (layers: readonly LayerPlace[], choice: TowerChoice): Targets => {
  const { position, names } = choice;
  if (choice.towers === 'both' && position === 'all') return [...names];
  const paths = towersIn(choice).flatMap((tower) => {
    const stack = stackOf(layers, tower);
    if (stack === null) return [];
    const prefix = escaped(stack.prefix);
    return [
      position === 'all' ? `${prefix}\\.\\d+` : `${prefix}\\.${oneOf(positions[position].of(stack.count))}`,
    ];
  });
  return `${oneOf(paths)}\\..*${oneOf(names)}`;
};

/** Modules that targets name; none for a regular expression that is none. */
const named = (layers: readonly LayerPlace[], targetModules: Targets): string[] => {
  try {
    const targeting = { targetModules, excludeModules: [], modulesToSave: [], layersToTransform: null };
    return layers.filter((place) => isTargeted(place, targeting)).map(({ module }) => module);
  } catch {
    return [];
  }
};

/** The choice that targets come to; undefined for what can't be said so. */
export const choiceOf = (layers: readonly LayerPlace[], targets: Targets): TowerChoice | undefined => {
  const modules = named(layers, targets);
  const names = [...new Set(modules.map(lastName))];
  const towers = [...new Set(modules.map(towerOf))];
  const [tower] = towers;
  if (modules.length === 0 || tower === undefined || tower === null) return undefined;
  const wanted = modules.toSorted().join('\n');
  return positionNames
    .map((position): TowerChoice => ({ towers: towers.length > 1 ? 'both' : tower, position, names }))
    .find((choice) => named(layers, targetsOf(layers, choice)).toSorted().join('\n') === wanted);
};
