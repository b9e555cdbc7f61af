import { invalidInput } from '../errors.ts';
import type { LinearLayer } from '../models/architecture.ts';
import { targetName } from '../models/model.ts';
import { describeAdapter, outerRankField } from './adapter-description.ts';
import type { AdapterSettings } from './adapter-settings.ts';

/** Linear layers of one name, or a single one: what target modules and ranks are checked against. */
export interface Target {
  /** `q_proj` */
  readonly name: string;
  readonly outFeatures: number;
  readonly inFeatures: number;
}

/** Those of the targets that the settings name, in the targets' order. @throws invalid-input for an unknown name, with the known ones */
export const chooseTargets = <T extends Target>(
  targets: readonly T[],
  { targetModules }: Pick<AdapterSettings, 'targetModules'>,
): T[] => {
  if (targetModules === 'all-linear') return [...targets];
  const known = new Set(targets.map(({ name }) => name));
  for (const name of targetModules)
    if (!known.has(name))
      throw invalidInput(`targetModules: the model has no module ${name} (it has ${[...known].join(', ')})`);
  return targets.filter(({ name }) => targetModules.includes(name));
};

/**
 * Refuses settings that do not fit the model: an unknown target module, a rank larger than a matrix, an inner rank above the outer.
 * @throws invalid-input naming the field, the module and the numbers
 */
export const checkAdapterFits = (targets: readonly Target[], settings: AdapterSettings): void => {
  const { outer, inner } = describeAdapter(settings);
  const field = outerRankField[settings.method];
  for (const { name, outFeatures, inFeatures } of chooseTargets(targets, settings)) {
    const most = Math.min(outFeatures, inFeatures);
    if (outer.rank > most)
      throw invalidInput(
        `${field}: ${outer.rank} is larger than the matrix ${name} (${outFeatures} x ${inFeatures}) allows: at most ${most}`,
      );
  }
  if (inner && inner.rank > outer.rank)
    throw invalidInput(`innerRank: ${inner.rank} is larger than ${field} ${outer.rank}`);
};

/** Every layer as a target of its own. */
export const targetsOf = (layers: readonly LinearLayer[]): (LinearLayer & Target)[] =>
  layers.map((layer) => ({ ...layer, name: targetName(layer) }));

/** The layers that an adapter with these settings sits on, in the model's order. */
export const selectTargets = (
  layers: readonly LinearLayer[],
  settings: Pick<AdapterSettings, 'targetModules'>,
): LinearLayer[] => chooseTargets(targetsOf(layers), settings).map(({ name: _, ...layer }) => layer);
