import { layerAdapter, type LayerAdapter } from '../../adapters/layer/layer-adapter.ts';
import type { LinearLayer } from '../../models/architecture.ts';
import type { Feed } from '../../runtime/session.ts';
import type { AdapterState, TrainedModel } from './trained-model.ts';

/** A tensor that the base model's graphs take from outside: a trained base weight, or a part of a layer's adapter. */
export interface BaseInput {
  readonly name: string;
  readonly shape: readonly number[];
  /** Whether it changes from step to step, so that there is a gradient by it. */
  readonly trained: boolean;
}

export type BaseInputs = Readonly<Record<string, Feed>>;

/** Names of what a layer's adapter is to the base: see `SiteAdapter`. */
export const sideNames = (module: string) =>
  ({
    left: `${module}.left`,
    right: `${module}.right`,
    residualLeft: `${module}.residual_left`,
    residualRight: `${module}.residual_right`,
    lengths: `${module}.magnitude`,
    squaredNorms: `${module}.squared_norms`,
  }) as const;

/** Name of the gradient by a base input, among the outputs of a graph and the inputs of another. */
export const gradientOf = (name: string): string => `gradient:${name}`;

const isTrained = (side: LayerAdapter['left']): boolean => side.flat().some(({ trained }) => trained);

/** What the base takes of an adapter at a layer. */
export const layerInputs = (
  adapter: LayerAdapter,
  { module, outFeatures, inFeatures }: LinearLayer,
): BaseInput[] => {
  const { left, right, rank, residual, magnitude } = adapter;
  const names = sideNames(module);
  const input = (name: string, shape: readonly number[], trained: boolean): BaseInput => ({
    name,
    shape,
    trained,
  });
  return [
    input(names.left, [outFeatures, rank], isTrained(left)),
    input(names.right, [rank, inFeatures], isTrained(right)),
    ...(residual
      ? [
          input(names.residualLeft, [outFeatures, rank], false),
          input(names.residualRight, [rank, inFeatures], false),
        ]
      : []),
    ...(magnitude
      ? [input(names.lengths, [outFeatures], true), input(names.squaredNorms, [outFeatures], false)]
      : []),
  ];
};

/** Where two arms have the same, one compiled base serves both. */
export const baseInputs = ({ model, adapter, trainedWeights }: TrainedModel): BaseInput[] => [
  ...trainedWeights.map((name) => ({
    name,
    shape: model.weightShapes.get(name) as readonly number[],
    trained: true,
  })),
  ...(adapter?.layers ?? []).flatMap((layer) =>
    layerInputs(layerAdapter((adapter as AdapterState).description, layer), layer),
  ),
];

/** What the deltas are multiplied by: one scalar input of the graphs for each value that occurs. */
export interface Scalings {
  readonly values: readonly { readonly name: string; readonly value: number }[];
  /** By module path. */
  readonly nameOf: Readonly<Record<string, string>>;
}

export const scalingsOf = (adapter: AdapterState | null): Scalings => {
  const names = new Map<number, string>();
  const nameOf: Record<string, string> = {};
  for (const layer of adapter?.layers ?? []) {
    const { scaling } = layerAdapter((adapter as AdapterState).description, layer);
    const name = names.get(scaling) ?? (names.size === 0 ? 'scaling' : `scaling:${names.size}`);
    names.set(scaling, name);
    nameOf[layer.module] = name;
  }
  return { values: [...names].map(([value, name]) => ({ name, value })), nameOf };
};
