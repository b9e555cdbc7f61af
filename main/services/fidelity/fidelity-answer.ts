import { mean } from '../../engine/statistics/moments.ts';
import type { FidelityMeasured } from '../../trainer/protocol/fidelity-schema.ts';
import { answerComparison } from '../comparisons/answer/answer-comparison.ts';
import type { ComparisonDataInput } from '../comparisons/answer/comparison-data.ts';
import type { FidelityAnswer } from './fidelity-entities.ts';
import { pairedItems } from './paired-items.ts';

/** A folder that was measured, and whose it is. */
export interface MeasuredFolder {
  /** Null for the base. */
  readonly arm: string | null;
  readonly seed: number;
  readonly folder: string;
}

interface Instrument {
  readonly id: string;
  readonly name: string;
}

/** The paper's own first (it sees the subject best), then what is like it, then prompts; the answer rests on the first. */
const order = ['DINO', 'DINOv2', 'CLIP-I', 'SigLIP-I', 'CLIP-T', 'SigLIP-T'];

/**
 * What was measured, under the statistics of a comparison: an item is a prompt drawn from one noise, a run of an arm is a training of it. All metrics are
 * one family, since any of them would do for the claim that an arm draws the subject better.
 */
export const fidelityAnswer = (
  measured: FidelityMeasured,
  folders: readonly MeasuredFolder[],
  models: readonly Instrument[],
): FidelityAnswer => {
  const { items, places, notices } = pairedItems(measured.folders);
  const sorted = measured.measures.toSorted(
    (one, other) => order.indexOf(one.name) - order.indexOf(other.name),
  );
  const measures = sorted.map(({ name, of, model, values }) => {
    const { id: modelId, name: modelName } = models[model]!;
    const twice = sorted.filter((other) => other.name === name).length > 1;
    return { label: twice ? `${name} (${modelName})` : name, of, modelId, modelName, values };
  });
  const runs = folders.map((folder, at) => ({
    ...folder,
    pictures: measured.folders[at]!.length,
    means: measures.map(({ values }) => mean(values[at]!)),
    items: measures.map(({ values }) => places[at]!.map((place) => values[at]![place]!)),
    diversity: models.map(({ name: modelName }, model) => ({
      modelName,
      value: measured.diversity[model]![at]!,
    })),
  }));
  return {
    realPictures: measured.realPictures,
    items: items.map(({ name, prompt, seed }) => ({ name, prompt, seed })),
    measures: measures.map(({ values: _, ...measure }) => measure),
    runs,
    answer: answerComparison(comparisonData(measures, runs, items.length)),
    notices: [...measured.notices, ...notices],
  };
};

const comparisonData = (
  measures: readonly Pick<FidelityAnswer['measures'][number], 'label' | 'of'>[],
  runs: FidelityAnswer['runs'],
  items: number,
): ComparisonDataInput => {
  const ofArms = runs.flatMap(({ arm, ...run }) => (arm === null ? [] : [{ ...run, arm }]));
  const base = runs.find(({ arm }) => arm === null);
  const paired = items >= 2;
  return {
    arms: [...new Set(ofArms.map(({ arm }) => arm))].map((name) => ({ name, method: '' })),
    seeds: [...new Set(ofArms.map(({ seed }) => seed))],
    correction: 'over-metrics',
    metrics: measures.map(({ label, of }, at) => ({
      task: of === 'subject' ? 'drawn pictures and the subject' : 'drawn pictures and their prompts',
      metric: label,
      label,
      unit: 'number',
      better: 'higher',
      paired,
      chance: null,
      margin: null,
      itemIds: Array.from({ length: items }, (_, item) => item),
      weights: new Array<number>(items).fill(1),
      base: paired && base ? base.items[at]! : null,
      baseScore: base ? base.means[at]! : null,
      runs: ofArms.map(({ arm, seed, folder, means, items: values }) => ({
        arm,
        seed,
        runId: folder,
        score: paired ? null : means[at]!,
        items: paired ? values[at]! : null,
        problem: null,
      })),
    })),
    costs: [],
  };
};
