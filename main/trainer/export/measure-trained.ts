import { foldedInputs } from '../../engine/train/model/folded-inputs.ts';
import type { TrainedModel } from '../../engine/train/model/trained-model.ts';
import { evaluate } from '../../engine/train/step/evaluate.ts';
import type { Metrics } from '../../engine/objectives/objective.ts';
import type { CertifiedData } from './certified-data.ts';

/** What a model, with an adapter on it or without, does on held-out rows, by the objective's metrics. */
export const measureTrained = (
  trained: TrainedModel,
  { batches, positions, asMeasured }: Pick<CertifiedData, 'batches' | 'positions' | 'asMeasured'>,
  threads: number | null,
): Promise<Metrics> => {
  const labels = Math.max(...batches.map(({ scored }) => scored));
  const measured = { ...trained, model: asMeasured(trained.model) };
  return evaluate(
    { ...measured, positions, labels, threads, device: 'cpu' },
    foldedInputs(measured),
    batches,
  );
};
