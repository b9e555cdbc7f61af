import { readAdapter, writeAdapter, type SavedAdapter } from '../../engine/adapters/folder/adapter-folder.ts';
import {
  changeNorm,
  combineAdapters,
  type CombinedPart,
} from '../../engine/adapters/combine/combine-adapters.ts';
import { describeAdapter } from '../../engine/adapters/settings/adapter-settings.ts';
import { invalidInput } from '../../engine/errors.ts';
import { openModel, type Model } from '../../engine/models/model.ts';
import { readLayerWeight } from '../../engine/models/weights/model-weights.ts';
import { trainedLayout, type AdapterState } from '../../engine/train/model/trained-model.ts';
import { assertBelongs } from '../export/adapter-belongs.ts';
import { certifiedData, type CertifiedData } from '../export/certified-data.ts';
import { measureTrained } from '../export/measure-trained.ts';
import { assertModelStayed } from '../export/model-in-use.ts';
import type { CombinedSummary } from '../protocol/combine-schema.ts';
import type { JobContext } from '../protocol/job.ts';
import type { CombineSpecification } from '../protocol/protocol.ts';
import { heldOutKey } from '../diagnose/subject.ts';

const stateOf = ({ settings, layers, values }: SavedAdapter): AdapterState => ({
  description: describeAdapter(settings),
  layers,
  values,
});

/** Adds adapters up, tells what the sum is and does beside the base and its parts, and writes it where it is wanted. */
export const combineJob = async (
  specification: CombineSpecification,
  { emit }: JobContext,
): Promise<void> => {
  const { modelDirectory, destination } = specification;
  emit({ type: 'progress', phase: 'loading', done: 0, total: 1 });
  const model = openModel(modelDirectory);
  const parts = specification.parts.map(({ name, weight, adapterDirectory }): CombinedPart => {
    const saved = readAdapter(adapterDirectory);
    assertBelongs(model, saved, { adapterDirectory, modelDirectory });
    return { name, weight, saved };
  });
  emit({ type: 'progress', phase: 'merging', done: 0, total: 1 });
  const combined = combineAdapters(parts);
  const adapter = stateOf(combined);
  const layers = combined.layers.map((layer) => ({
    module: layer.module,
    change: changeNorm(combined, layer),
    weight: normOf(readLayerWeight(model, layer)),
  }));
  const broken = layers.find(({ change }) => !Number.isFinite(change));
  if (broken) throw invalidInput(`the sum of the adapters is not finite at ${broken.module}`);
  const losses = await lossesOf(specification, model, parts, adapter, emit);
  await assertModelStayed(specification);
  if (destination !== null) await writeAdapter(destination, combined);
  const trained = { model, adapter, trainedWeights: [] };
  emit({
    type: 'combined',
    summary: { settings: combined.settings, parameters: trainedLayout(trained).total, layers, losses },
  });
};

const normOf = (weight: Float32Array): number => {
  let sum = 0;
  for (const entry of weight) sum += entry * entry;
  return Math.sqrt(sum);
};

/** What base, parts and sum give on the rows that the parts' runs held out. */
const lossesOf = async (
  specification: CombineSpecification,
  model: Model,
  parts: readonly CombinedPart[],
  combined: AdapterState,
  emit: JobContext['emit'],
): Promise<CombinedSummary['losses']> => {
  const sets = [
    ...Map.groupBy(specification.parts.keys(), (at) => heldOutKey(specification.parts[at]!)).values(),
  ];
  const arms: (AdapterState | null)[] = [
    null,
    ...parts.map(({ saved }) => stateOf(saved as SavedAdapter)),
    combined,
  ];
  const losses: CombinedSummary['losses'] = [];
  for (const [set, of] of sets.entries()) {
    const data: CertifiedData = await certifiedData(specification.parts[of[0]!]!, model);
    if (data.batches.length === 0) continue;
    const found: number[] = [];
    for (const [arm, adapter] of arms.entries()) {
      emit({
        type: 'progress',
        phase: 'evaluating',
        done: set * arms.length + arm,
        total: sets.length * arms.length,
      });
      const trained = { model, adapter, trainedWeights: [] };
      found.push((await measureTrained(trained, data, specification.threads)).loss);
    }
    losses.push({
      of,
      on: data.on,
      base: found[0]!,
      parts: found.slice(1, -1),
      combined: found.at(-1)!,
    });
  }
  return losses;
};
