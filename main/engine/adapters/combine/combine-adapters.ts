import { WorkbenchError } from '../../errors.ts';
import { beside, below, frobeniusNorm, multiply, type AnyMatrix } from '../../linear-algebra/matrix.ts';
import type { LinearLayer } from '../../models/architecture.ts';
import type { SavedAdapter } from '../folder/adapter-folder.ts';
import { foldLayer } from '../layer/fold.ts';
import { adapterSettingsSchema, describeAdapter } from '../settings/adapter-settings.ts';

/** An adapter, and how much of its delta is taken: 1 as it is, 0.5 half of it, -1 taken away. */
export interface CombinedPart {
  /** For errors. */
  readonly name: string;
  readonly weight: number;
  readonly saved: Pick<SavedAdapter, 'settings' | 'layers' | 'weights' | 'values'>;
}

/** A low-rank pair (out x r) (r x in). */
interface Pair {
  readonly left: AnyMatrix;
  readonly right: AnyMatrix;
}

/**
 * Whether a delta can be added to others: a sum of weights is what it is only where it is linear.
 * @throws WorkbenchError `unsupported` naming the adapter and why
 */
export const assertAdds = ({ name, saved: { settings, layers, weights } }: CombinedPart): void => {
  if (describeAdapter(settings).magnitude)
    throw new WorkbenchError(
      'unsupported',
      `the adapter "${name}" (${settings.method}) brings the rows of the weights to lengths of their own, which can't be added up; export it by itself`,
    );
  if (weights.length > 0 || layers.length === 0)
    throw new WorkbenchError(
      'unsupported',
      `the adapter "${name}" holds whole weights (${weights[0]?.name ?? settings.method}), not only low-rank changes to add up; export it by itself`,
    );
};

const pairOf = ({ weight, saved }: CombinedPart, layer: LinearLayer): Pair | undefined => {
  const own = saved.layers.find(({ module }) => module === layer.module);
  if (own === undefined) return undefined;
  const { rank, loraA, loraB } = foldLayer(describeAdapter(saved.settings), own, saved.values);
  return {
    left: { rows: own.outFeatures, columns: rank, data: Float64Array.from(loraB, (entry) => weight * entry) },
    right: { rows: rank, columns: own.inFeatures, data: loraA },
  };
};

const identity = (size: number): AnyMatrix => {
  const data = new Float64Array(size * size);
  for (let at = 0; at < size; at++) data[at * size + at] = 1;
  return { rows: size, columns: size, data };
};

/** No pair needs more columns than the matrix has: from there on one side is the product, the other does nothing. */
const trimmed = ({ left, right }: Pair): Pair => {
  const { rows: outFeatures, columns: rank } = left;
  const { columns: inFeatures } = right;
  if (rank <= Math.min(outFeatures, inFeatures)) return { left, right };
  const product = multiply(left, right);
  return inFeatures <= outFeatures
    ? { left: product, right: identity(inFeatures) }
    : { left: identity(outFeatures), right: product };
};

/** Layers of several adapters, each once, in the order of the first that has it. */
const layersOf = (parts: readonly CombinedPart[]): LinearLayer[] => [
  ...new Map(parts.flatMap(({ saved }) => saved.layers.map((layer) => [layer.module, layer]))).values(),
];

/**
 * sum of weight_i * delta W_i as one LoRA of scaling 1: the pairs side by side, B = [w_1 B_1 | w_2 B_2], A = [A_1; A_2], which is PEFT's
 * `add_weighted_adapter` with combination_type "cat". Exact to the rounding of float32 factors. (PEFT's "linear" adds A and B each for itself, so
 * that its product has terms B_i A_j as well: another adapter.)
 * @throws WorkbenchError `unsupported` for adapters that don't add up
 */
export const combineAdapters = (parts: readonly CombinedPart[]): SavedAdapter => {
  for (const part of parts) assertAdds(part);
  const layers = layersOf(parts);
  const values = new Map<string, Float32Array>();
  const ranks = new Map<string, number>();
  for (const layer of layers) {
    const { left, right } = trimmed(
      parts
        .flatMap((part) => pairOf(part, layer) ?? [])
        .reduce((a, b) => ({ left: beside(a.left, b.left), right: below(a.right, b.right) })),
    );
    ranks.set(layer.module, left.columns);
    values.set(`${layer.module}.lora_A`, Float32Array.from(right.data));
    values.set(`${layer.module}.lora_B`, Float32Array.from(left.data));
  }
  const rank = Math.max(...ranks.values());
  const pattern = Object.fromEntries(
    [...ranks].filter(([, own]) => own !== rank).map(([module, own]) => [literally(module), own]),
  );
  const settings = adapterSettingsSchema.parse({
    method: 'lora',
    rank,
    alpha: rank,
    rankPattern: pattern,
    alphaPattern: pattern,
    targetModules: layers.map(({ module }) => module),
  });
  return { settings, layers, weights: [], values };
};

/** A module's name as an expression that is it alone. */
const literally = (module: string): string => module.replaceAll('.', String.raw`\.`);

/** How large a change is at a layer: ||delta W||_F. */
export const changeNorm = (
  { settings, values }: Pick<SavedAdapter, 'settings' | 'values'>,
  layer: LinearLayer,
): number => {
  const { rank, loraA, loraB } = foldLayer(describeAdapter(settings), layer, values);
  return frobeniusNorm(
    multiply(
      { rows: layer.outFeatures, columns: rank, data: loraB },
      { rows: rank, columns: layer.inFeatures, data: loraA },
    ),
  );
};
