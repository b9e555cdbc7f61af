import { baseFormats } from '../../engine/base/base-format.ts';
import { targetedGroups } from '../../engine/adapters/layer/parameter-count.ts';
import { usualTargets } from '../../engine/adapters/settings/usual-targets.ts';
import { rootOfArea } from '../../engine/data/pictures/buckets/framing.ts';
import { diffusionSettingsOf } from '../../engine/train/settings/diffusion-settings.ts';
import { drawsPictures } from '../../engine/train/settings/picture-checks.ts';
import { usualDrawing } from '../../engine/train/settings/usual-drawing.ts';
import { adapterName } from '../../engine/adapters/settings/adapter-name.ts';
import {
  adapterSettingsSchema,
  type AdapterSettings,
} from '../../engine/adapters/settings/adapter-settings.ts';
import { WorkbenchError } from '../../engine/errors.ts';
import {
  trainingSettingsSchema,
  type TrainingSettings,
} from '../../engine/train/settings/training-settings.ts';
import type { ModelRecord } from '../../store/repositories/models.ts';
import type { Store } from '../../store/store.ts';
import type { Devices } from '../devices/devices.ts';
import { memoryNeeded } from '../sessions/memory-needed.ts';
import type { MemoryChecks } from '../memory/memory-checks.ts';
import type { WorkbenchMethods } from '../shared/methods.ts';
import { findModel } from './models.ts';
import type { ModelMemory } from './model-memory-schema.ts';

interface ModelMemoryContext {
  readonly store: Store;
  readonly devices: Devices;
  readonly memory: MemoryChecks;
  readonly available: () => number;
}

/** What each use of a model takes at usual settings, by the estimator that holds runs to it, and what each device has. */
export const createModelMemory =
  ({ store, devices, memory, available }: ModelMemoryContext): WorkbenchMethods['models']['memory'] =>
  async ({ id }) => {
    const model = findModel(store, id);
    const { objective, drawnSides } = model;
    const training = trainingSettingsSchema.parse({
      sequenceLength: Math.min(256, model.maximumPositions),
      ...(drawsPictures(objective) && usualDrawing(drawnSides)),
    });
    const needs: ModelMemory['training'] = [];
    for (const adapter of usualAdapters(model))
      needs.push({ adapter: adapterName(adapter), ...(await needOf(memory, model, adapter, training)) });
    return {
      batchSize: training.batchSize,
      sequenceLength: training.sequenceLength,
      drawnSide: drawsPictures(objective) ? rootOfArea(diffusionSettingsOf(training).resolution) : null,
      training: needs,
      asking:
        model.objective === 'next-token'
          ? baseFormats.map((baseFormat) => ({ baseFormat, bytes: memoryNeeded(model, 0, baseFormat) }))
          : [],
      devices: (await devices.list()).map(({ name, label, usable, detail }) => ({
        ...{ name, label, usable, detail },
        // No runtime tells what another device has left.
        available: name === 'cpu' ? available() : null,
      })),
    };
  };

/**
 * LoRA and NoRA as a form first offers them: on the usual layers, with ranks that the smallest of these has, and a classifier's head trained
 * along.
 */
const usualAdapters = ({ targetModules: groups, classifier, objective }: ModelRecord): AdapterSettings[] => {
  const targetModules = usualTargets(objective);
  const targeted = targetedGroups(groups, adapterSettingsSchema.parse({ method: 'lora', targetModules }));
  const sides = targeted.flatMap(({ outFeatures, inFeatures }) => [outFeatures, inFeatures]);
  const narrowest = Math.min(...sides, 128);
  const head = classifier && [...new Set([...classifier.headModules, ...classifier.newModules])];
  const own = head === null || head.length === 0 ? {} : { modulesToSave: head };
  return [
    { method: 'lora', rank: Math.min(16, narrowest), targetModules, ...own },
    { method: 'nora', outerRank: narrowest, innerRank: Math.min(16, narrowest), targetModules, ...own },
  ].map((settings) => adapterSettingsSchema.parse(settings));
};

const needOf = async (
  memory: MemoryChecks,
  { directory }: ModelRecord,
  adapter: AdapterSettings,
  training: TrainingSettings,
): Promise<{ bytes: number | null; problem: string | null }> => {
  try {
    return { bytes: await memory.needed(directory, adapter, training), problem: null };
  } catch (error) {
    if (error instanceof WorkbenchError) return { bytes: null, problem: error.message };
    throw error;
  }
};
