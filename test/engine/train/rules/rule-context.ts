import {
  allFactors,
  factorKey,
  factorShape,
  layerAdapter,
} from '../../../../main/engine/adapters/layer/layer-adapter.ts';
import {
  adapterSettingsSchema,
  describeAdapter,
} from '../../../../main/engine/adapters/settings/adapter-settings.ts';
import type { LinearLayer } from '../../../../main/engine/models/architecture.ts';
import { layoutParameters } from '../../../../main/engine/optim/parameter-layout.ts';
import { createRandom } from '../../../../main/engine/random.ts';
import type { RuleContext } from '../../../../main/engine/train/rules/parameter-rule.ts';

const layers: readonly LinearLayer[] = [
  { module: 'first', outFeatures: 5, inFeatures: 4, bias: false },
  { module: 'second', outFeatures: 3, inFeatures: 6, bias: false },
];

export const drawn = (length: number, seed: number): Float32Array => {
  const random = createRandom(seed);
  return Float32Array.from({ length }, () => random.normal());
};

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** What a rule sees of an adapter on two small layers, every number of which is drawn. */
export const ruleContext = (settings: object, totalSteps: number | null = null): RuleContext => {
  const description = describeAdapter(adapterSettingsSchema.parse(settings));
  const factors = layers.flatMap((layer) =>
    allFactors(layerAdapter(description, layer)).map((factor) => ({
      ...factor,
      key: factorKey(layer.module, factor),
    })),
  );
  const values = new Map(
    factors.map((factor, at) => [factor.key, drawn(sizeOf(factorShape(factor)), at + 1)]),
  );
  const layout = layoutParameters(
    factors
      .filter(({ trained }) => trained)
      .map((factor) => ({ name: factor.key, shape: factorShape(factor) })),
  );
  return { adapter: { description, layers, values }, layout, totalSteps, memory: {} };
};
