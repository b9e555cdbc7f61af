import { gainOf } from '../../adapters/layer/adapter-graph.ts';
import { factorKey, layerAdapter } from '../../adapters/layer/layer-adapter.ts';
import type { AdapterDescription } from '../../adapters/description/adapter-description.ts';
import { createGraphBuilder } from '../../graph/create-graph-builder.ts';
import type { Value } from '../../graph/graph.ts';
import { buildForward, type Model, type Site } from '../../models/model.ts';
import { createSession } from '../../runtime/session.ts';
import type { Tensor } from '../../tensor.ts';
import type { GenerationArm } from '../generator.ts';
import type { StackedLayer } from './stacked-arms.ts';

/**
 * What DoRA's lengths multiply the outputs of each layer by, (arms x outFeatures) by module: worked out once, since W + delta does not change,
 * from the weights of the model's own files, as merging does.
 * Arms without lengths there have ones.
 */
export const gainsOf = async (
  { base: _, ...model }: Model,
  arms: readonly GenerationArm[],
  stacked: ReadonlyMap<string, StackedLayer>,
  threads: number | null,
): Promise<Map<string, Float32Array>> => {
  const withLengths = new Map([...stacked].filter(([, { magnitudes }]) => magnitudes.some(Boolean)));
  if (withLengths.size === 0) return new Map();
  const g = createGraphBuilder();
  const outputs: Record<string, Value> = {};
  const { hidden, head } = buildForward(g, model, {
    positions: 1,
    adapt: (site) => {
      const one = withLengths.get(site.layer.module);
      one?.magnitudes.forEach((lengths, arm) => {
        if (lengths) outputs[gainName(arm, site.layer.module)] = gainAt(g, site, one, { lengths, arm, arms });
      });
      return undefined;
    },
  });
  head.logits(hidden);
  const session = await createSession(g.build(outputs), { threads, arena: false });
  try {
    const made = await session.run(oneToken);
    return new Map(
      [...withLengths].map(([module, { layer, magnitudes }]) => {
        const gains = new Float32Array(arms.length * layer.outFeatures).fill(1);
        magnitudes.forEach((lengths, arm) => {
          if (lengths) gains.set(made[gainName(arm, module)]!.data as Float32Array, arm * layer.outFeatures);
        });
        return [module, gains];
      }),
    );
  } finally {
    await session.release();
  }
};

const gainName = (arm: number, module: string): string => `gain:${arm}:${module}`;

/** A graph keeps its inputs, whether or not anything needs them. */
const oneToken: Record<string, Tensor> = Object.fromEntries(
  ['input_ids', 'attention_mask', 'position_ids', 'segment_ids', 'token_type_ids'].map((name) => [
    name,
    { shape: [1, 1], data: new BigInt64Array(1) },
  ]),
);

interface GainOptions {
  readonly lengths: Float32Array;
  readonly arm: number;
  readonly arms: readonly GenerationArm[];
}

const gainAt = (
  g: ReturnType<typeof createGraphBuilder>,
  site: Site,
  { layer, ranks, left, right }: StackedLayer,
  { lengths, arm, arms }: GainOptions,
): Value => {
  const { module, outFeatures, inFeatures } = layer;
  const { description, values } = arms[arm]!;
  const total = ranks.reduce((a, b) => a + b, 0);
  const start = ranks.slice(0, arm).reduce((a, b) => a + b, 0);
  const end = start + ranks[arm]!;
  const name = (part: string): string => `${gainName(arm, module)}:${part}`;
  return gainOf(g, site, {
    left: g.slice(g.constant(name('left'), [outFeatures, total], left), 1, start, end),
    right: g.slice(g.constant(name('right'), [total, inFeatures], right), 0, start, end),
    scaling: g.constant(name('scaling'), [], Float32Array.of(1)),
    residual: null,
    magnitude: {
      lengths: g.constant(name('lengths'), [outFeatures], lengths),
      squaredNorms: g.constant(name('norms'), [outFeatures], squaredNorms(description, layer, values)),
    },
  });
};

const squaredNorms = (
  description: AdapterDescription,
  layer: StackedLayer['layer'],
  values: NonNullable<GenerationArm>['values'],
): Float32Array => {
  const { magnitude } = layerAdapter(description, layer);
  return values.get(factorKey(layer.module, magnitude!.squaredNorms)) as Float32Array;
};
