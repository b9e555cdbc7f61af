import type { Batch } from '../../data/batches/batch.ts';
import { objectiveOf } from '../../objectives/index.ts';
import type { DeviceName } from '../../runtime/device-names.ts';
import { createSession } from '../../runtime/session.ts';
import type { BaseInputs } from '../../train/model/base-inputs.ts';
import { evaluationGraph } from '../../train/model/loss-graph.ts';
import type { TrainedModel } from '../../train/model/trained-model.ts';
import { lossesOf, predictedClasses } from '../likelihood/outputs.ts';

/** What the model makes of a picture. */
export interface PictureOutcome {
  /** Natural, of the right class among all. */
  readonly logLikelihood: number;
  /** The class whose text is likest to it. */
  readonly predicted: number;
}

export interface PictureScorerOptions extends TrainedModel {
  /** Tokens of the longest text. */
  readonly positions: number;
  /** Pictures of a batch at most. */
  readonly batchSize: number;
  readonly threads: number | null;
  readonly device: DeviceName;
}

/** A compiled model that says which text belongs to a picture. Any subject whose base inputs have its shapes can be scored with it. */
export interface PictureScorer {
  /** @param folded what the base takes of the subject (`foldSubject`) @returns the outcome of each picture */
  readonly score: (batch: Batch, folded: BaseInputs) => Promise<PictureOutcome[]>;
  readonly release: () => Promise<void>;
}

export const createPictureScorer = async (options: PictureScorerOptions): Promise<PictureScorer> => {
  const { model, positions, batchSize, threads, device } = options;
  const { outputs } = model.architecture;
  const session = await createSession(evaluationGraph(options, { positions, labels: batchSize }), {
    threads,
    device,
  });
  const { feeds } = objectiveOf(model.architecture);
  return {
    score: async (batch, folded) => {
      const given = await session.run({ ...feeds(batch, { labels: batchSize, outputs }), ...folded });
      const predicted = predictedClasses(model, given) ?? [];
      return Array.from(lossesOf(given), (loss, row) => ({
        logLikelihood: -loss,
        predicted: predicted[row]!,
      }));
    },
    release: session.release,
  };
};
