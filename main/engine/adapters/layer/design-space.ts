import type { Decomposed, OuterInitialisation, Source, Start } from '../description/adapter-description.ts';
import { adapterSettingsSchema, describeAdapter, type AdapterMethod } from '../settings/adapter-settings.ts';
import { activationMatrices } from '../description/activation-matrix.ts';
import {
  allFactors,
  factorShape,
  layerAdapter,
  startsAtBase,
  type Factor,
  type FactorStart,
  type LayerAdapter,
} from './layer-adapter.ts';
import { methods } from '../methods/index.ts';
import type { LayerPlace } from '../../models/architecture.ts';
import { noraPresets } from '../methods/nora.ts';

/** One line of the table of methods: everything in it follows from the method's description. */
export interface DesignSpaceRow {
  /** In addresses: `lora`, `nora-paper`. */
  readonly id: string;
  readonly method: AdapterMethod;
  /** What chooses it among the method's settings; ranks and the like are the method's own. */
  readonly settings: object;
  readonly title: string;
  readonly summary: string;
  readonly source: string;
  /** delta W as a formula. */
  readonly delta: string;
  readonly scaling: string;
  /** What each matrix starts as. */
  readonly starts: readonly string[];
  readonly trained: readonly string[];
  readonly frozen: readonly string[];
  /** Trained numbers of a layer of size (out x in). */
  readonly parameters: string;
  readonly startsAtBase: boolean;
  /** What PEFT calls it; null where it has no such method and gets it as the LoRA that it amounts to. */
  readonly peft: string | null;
}

/** Sizes that occur nowhere else, so that a shape can be read back in letters. */
const letters: ReadonlyMap<number, string> = new Map([
  [10_007, 'out'],
  [20_011, 'in'],
  [53, 'r'],
  [11, "r'"],
]);
const place: LayerPlace = { module: 'layer', outFeatures: 10_007, inFeatures: 20_011 };
const ranks = { rank: 53, outerRank: 53, innerRank: 11, alpha: 1 };

/** As they are written in formulas. */
const symbols: Readonly<Record<string, string>> = {
  lora_A: 'A',
  lora_B: 'B',
  inner_A: "A'",
  inner_B: "B'",
  inner_R: 'R',
  lambda_b: 'diag(b)',
  lambda_d: 'diag(d)',
  lora_E: 'diag(E)',
  magnitude: 'm',
  residual_A: 'A0',
  residual_B: 'B0',
  squared_norms: 'row norms of W',
};
const symbolOf = ({ name }: Factor): string => symbols[name] ?? name;

const product = (factors: readonly Factor[]): string => factors.map(symbolOf).join(' ');
const sum = (side: LayerAdapter['left'], alone: boolean): string => {
  const text = side.map(product).join(' + ');
  return side.length > 1 && !alone ? `(${text})` : text;
};

const deltaOf = ({ left, right, residual, magnitude }: LayerAdapter): string => {
  const main = `${sum(left, false)} ${sum(right, false)}`;
  const whole = residual ? `s (${main} - B0 A0)` : `s ${main}`;
  return magnitude ? `m (W + ${whole}) / |W + ${whole}| - W` : whole;
};

const drawn: { readonly [K in Start['kind']]: (start: Extract<Start, { kind: K }>) => string } = {
  zeros: () => 'zero',
  kaiming: () => 'Kaiming uniform',
  normal: ({ deviation }) => `normal, deviation ${deviation}`,
  constant: ({ value }) => String(value),
};

const splits: Readonly<Record<Decomposed['split'], { readonly a: string; readonly b: string }>> = {
  b: { a: 'V^T S^-1', b: 'U Sigma' },
  a: { a: 'Sigma V^T S^-1', b: 'U' },
  'square-root': { a: 'sqrt(Sigma) V^T S^-1', b: 'U sqrt(Sigma)' },
  dropped: { a: 'V^T S^-1', b: 'U' },
};

/** A factor's part of what is taken apart. */
const sourceText = (source: Source, part: 'a' | 'b'): string => {
  if (source.kind === 'qr') return part === 'a' ? 'R of W = Q R' : 'Q of W = Q R';
  if (source.kind === 'principal-components') return 'main directions of the inputs';
  const { split, matrix, triplets, descaled } = source;
  const text = splits[split][part];
  const plain = matrix.kind === 'none' ? text.replace(' S^-1', '') : text;
  const of = matrix.kind === 'none' ? 'W' : `W S, S: ${activationMatrices[matrix.kind].title}`;
  const which = triplets === 'smallest' ? ', smallest triplets' : '';
  return `${plain}${descaled ? ' / sqrt(s)' : ''} of ${of}${which}`;
};

const startText = (start: FactorStart, { source }: OuterInitialisation): string => {
  if (start.kind === 'source') return sourceText(source!, start.part);
  if (start.kind === 'side') return 'as the sides start';
  if (start.kind === 'row-norms') return 'row norms of W + delta';
  if (start.kind === 'squared-row-norms') return 'of the base';
  return (drawn[start.kind] as (start: Start) => string)(start);
};

/** `r·in + out·r` */
const parametersOf = (factors: readonly Factor[]): string =>
  factors
    .filter(({ trained }) => trained)
    .map((factor) =>
      factorShape(factor)
        .map((size) => letters.get(size) ?? String(size))
        .join('·'),
    )
    .join(' + ');

const scalings = {
  rank: 's = alpha / r',
  'sqrt-rank': 's = alpha / sqrt(r)',
  'inner-rank': "s = alpha / r'",
  'rank-and-epsilon': 's = alpha / (r + 1e-5)',
  alpha: 's = 1',
} as const;

interface Shape {
  readonly id: string;
  readonly title: string;
  /** The method's own where absent. */
  readonly summary?: string;
  readonly settings: object;
}

const rowOf = (method: AdapterMethod, { id, title, settings, ...own }: Shape): DesignSpaceRow => {
  const { summary, source, peft } = methods[method];
  const shape = methods[method].schema.shape;
  const usual = Object.fromEntries(Object.entries(ranks).filter(([field]) => field in shape));
  const description = describeAdapter(adapterSettingsSchema.parse({ method, ...usual, ...settings }));
  const layer = layerAdapter(description, place);
  const factors = allFactors(layer);
  const named = (chosen: (factor: Factor) => boolean): string[] => factors.filter(chosen).map(symbolOf);
  return {
    id,
    method,
    settings,
    title,
    summary: own.summary ?? summary,
    source,
    delta: deltaOf(layer),
    scaling: scalings[description.scaling.divisor],
    starts: factors
      .filter(({ name }) => name !== 'squared_norms')
      .map((factor) => `${symbolOf(factor)}: ${startText(factor.start, description.outer.initialisation)}`),
    trained: named(({ trained }) => trained),
    frozen: named(({ trained, name }) => !trained && name !== 'squared_norms'),
    parameters: parametersOf(factors),
    startsAtBase: startsAtBase(layer),
    peft:
      peft &&
      [peft.type, ...Object.entries(peft.flags ?? {}).map(([key, value]) => `${key} ${String(value)}`)].join(
        ', ',
      ),
  };
};

const fullRow: DesignSpaceRow = {
  id: 'full',
  method: 'full',
  settings: {},
  title: methods.full.title,
  summary: methods.full.summary,
  source: methods.full.source,
  delta: 'any',
  scaling: '',
  starts: ['W: the base'],
  trained: ['W'],
  frozen: [],
  parameters: 'out·in',
  startsAtBase: true,
  peft: null,
};

/** Settings of NoRA that are published shapes of their own. */
const noraShapes: readonly Required<Shape>[] = [
  {
    id: 'nora-dense-core',
    title: 'NoRA, dense core',
    summary: 'One square matrix between the frozen factors in place of an inner pair.',
    settings: { structure: 'dense-core' },
  },
  {
    id: 'nora-parallel-a',
    title: 'NoRA, parallel on A',
    summary: 'The inner pair is added to A rather than multiplied: it changes what the layer looks at.',
    settings: { structure: 'parallel-a' },
  },
  {
    id: 'nora-parallel-b',
    title: 'NoRA, parallel on B',
    summary: 'The inner pair is added to B: it changes where the layer writes.',
    settings: { structure: 'parallel-b' },
  },
  {
    id: 'nora-output',
    title: 'NoRA, on the output',
    summary: 'The inner pair comes after both frozen factors and turns the outputs that they span.',
    settings: { structure: 'output' },
  },
  {
    id: 'nora-dense-output',
    title: 'NoRA, dense on the output',
    summary: 'The same with one square matrix: the most numbers of all shapes.',
    settings: { structure: 'dense-output' },
  },
  {
    id: 'nora-residual',
    title: 'NoRA with a residual base',
    summary: 'Both inner factors are drawn at random, and the base gives up what they start as.',
    settings: { innerStart: 'official', residualBase: true },
  },
  {
    id: 'nora-magnitude',
    title: 'NoRA with DoRA magnitude',
    summary: 'NoRA gives each row of the weight its direction, and a trained vector its length.',
    settings: { magnitude: true },
  },
  {
    id: 'nora-vectors',
    title: 'NoRA with VeRA vectors',
    summary: "Two trained vectors scale the outer pair's rank and the outputs.",
    settings: { vectors: true },
  },
];

/** The methods, NoRA's presets and its other shapes. */
export const designSpace = (): DesignSpaceRow[] =>
  (Object.keys(methods) as AdapterMethod[]).flatMap((method) => {
    if (method === 'full') return [fullRow];
    if (method !== 'nora') return [rowOf(method, { id: method, title: methods[method].title, settings: {} })];
    const presets = Object.entries(noraPresets).map(([preset, { title, explanation, settings }]) =>
      rowOf('nora', {
        id: `nora-${preset}`,
        title: `NoRA, ${title.toLowerCase()}`,
        summary: explanation,
        settings,
      }),
    );
    return [...presets, ...noraShapes.map((shape) => rowOf('nora', shape))];
  });
