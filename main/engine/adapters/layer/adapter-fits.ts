import { invalidInput } from '../../errors.ts';
import type { ActivationMatrix } from '../description/activation-matrix.ts';
import type { AdapterDescription } from '../description/adapter-description.ts';
import { describeAdapter, type AdapterSettings } from '../settings/adapter-settings.ts';
import { moduleOfWeight, targetName, type LayerPlace } from '../../models/architecture.ts';
import { outerRank } from './layer-adapter.ts';
import { methods } from '../methods/index.ts';
import { isSavedWhole, selectTargets, targetingOf } from './target-modules.ts';
import { checkTargeting, type TargetedModel } from './targeting-checks.ts';

/** Kinds that take the whole second moment of a layer's inputs: of an embedding's, vocabulary x vocabulary numbers. */
const wholeMatrices: ReadonlySet<ActivationMatrix['kind']> = new Set([
  'cholesky',
  'eigen',
  'covariance',
  'coala',
]);

const takesWholeMatrix = ({ outer: { initialisation } }: AdapterDescription): boolean => {
  const { source } = initialisation;
  if (source?.kind === 'decomposition') return wholeMatrices.has(source.matrix.kind);
  return source?.kind === 'principal-components';
};

const checkEmbedding = (
  description: AdapterDescription,
  settings: AdapterSettings,
  { module, inFeatures, role }: LayerPlace,
): void => {
  if (role !== 'embedding' || !takesWholeMatrix(description)) return;
  const [field, value] =
    'activationMatrix' in settings
      ? ['activationMatrix', settings.activationMatrix.kind]
      : ['method', settings.method];
  throw invalidInput(
    `${field}: ${value} takes all ${inFeatures} x ${inFeatures} products of ${module}'s inputs, which is too many for an embedding; leave it out of targetModules`,
  );
};

/** Modules with one weight are trained whole together, under the name of the one that it belongs to. */
const checkShared = (layers: readonly LayerPlace[], settings: AdapterSettings): void => {
  const { modulesToSave = [] } = targetingOf(settings) ?? {};
  const sharing = layers.flatMap(({ module, weight }) =>
    weight === undefined ? [] : [{ module, owner: moduleOfWeight(weight) }],
  );
  for (const { module, owner } of sharing) {
    if (isSavedWhole(modulesToSave, module))
      throw invalidInput(
        `modulesToSave: ${module} has the weight of ${owner} in this model; name ${owner}, which trains both as one`,
      );
    if (!isSavedWhole(modulesToSave, owner)) continue;
    if (selectTargets(layers, settings).some((target) => target.module === module))
      throw invalidInput(
        `targetModules: ${module} has the weight of ${owner} in this model, which modulesToSave trains whole`,
      );
  }
};

/**
 * Refuses settings that do not fit the model: names and patterns that nothing in it has, a rank larger than a matrix, an inner rank above
 * the outer.
 * @throws invalid-input naming the field, the module and the numbers
 */
export const checkAdapterFits = (model: TargetedModel, settings: AdapterSettings): void => {
  const { targetLayers: layers } = model;
  const description = describeAdapter(settings);
  const field = methods[settings.method].rankSetting;
  checkTargeting(model, settings);
  checkShared(layers, settings);
  if (field === null) return;
  const { outer, inner } = description;
  for (const place of selectTargets(layers, settings)) {
    checkEmbedding(description, settings, place);
    const { outFeatures, inFeatures } = place;
    const rank = outerRank(outer, place);
    const most = Math.min(outFeatures, inFeatures);
    if (rank > most || rank < 1)
      throw invalidInput(
        `${field}: ${rank} is ${rank < 1 ? 'too small for' : 'larger than'} the matrix ${targetName(place)} (${outFeatures} x ${inFeatures})${rank < 1 ? '' : ` allows: at most ${most}`}`,
      );
    if (inner?.structure === 'core' && inner.rank !== null && inner.rank > rank)
      throw invalidInput(`innerRank: ${inner.rank} is larger than ${field} ${rank}`);
  }
};
