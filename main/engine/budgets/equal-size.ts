import { trainedParameters } from '../adapters/layer/parameter-count.ts';
import { adapterSettingsSchema, type AdapterSettings } from '../adapters/settings/adapter-settings.ts';
import { WorkbenchError } from '../errors.ts';
import { rankCandidates } from './rank-candidates.ts';

/** A model as the library describes it: layers of one name together. */
type DescribedModel = Parameters<typeof trainedParameters>[0];

/** So near two arms count as equal, as in a comparison. */
const tolerance = 0.02;

/**
 * Settings with the ranks that bring them nearest to so many trained parameters, and alpha so that the scaling stays. As far as names of
 * layers tell, without opening the model, so that a form can ask at every key.
 * @returns undefined where the settings or the number are not complete yet, or no rank changes the size
 */
export const withTrainedParameters = (
  settings: AdapterSettings,
  target: number,
  model: DescribedModel,
): AdapterSettings | undefined => {
  if (!(target > 0 && target < Infinity) || !adapterSettingsSchema.safeParse(settings).success)
    return undefined;
  const layers = model.targetModules.map(({ name, ...group }) => ({ ...group, module: name }));
  const valueOf = (one: AdapterSettings): number => trainedParameters(model, one);
  try {
    // Not every outer rank is tried where the inner one does not come near enough: that would take longer than a key.
    return rankCandidates({ settings, layers, valueOf, target, tolerance, isQuick: false })[0]?.adapter;
  } catch (error) {
    // A layer that the model does not have: the form says so at its field.
    if (error instanceof WorkbenchError) return undefined;
    throw error;
  }
};
