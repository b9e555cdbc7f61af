import { tensorOf, type Batch } from '../../data/batches/batch.ts';
import { objectiveOf } from '../../objectives/index.ts';
import type { DeviceName } from '../../runtime/device-names.ts';
import { createSession } from '../../runtime/session.ts';
import type { BaseInputs } from '../../train/model/base-inputs.ts';
import { evaluationGraph } from '../../train/model/loss-graph.ts';
import type { TrainedModel } from '../../train/model/trained-model.ts';

export interface DenoisingScorerOptions extends TrainedModel {
  /** Places of the largest latent. */
  readonly positions: number;
  /** Pictures of a batch at most. */
  readonly batchSize: number;
  readonly threads: number | null;
  readonly device: DeviceName;
}

/** A compiled denoiser. Any subject whose base inputs have its shapes can be scored with it. */
export interface DenoisingScorer {
  /** @param folded what the base takes of the subject (`foldSubject`) @returns of each picture the mean square of what is off, over its latent's numbers */
  readonly score: (batch: Batch, folded: BaseInputs) => Promise<number[]>;
  readonly release: () => Promise<void>;
}

export const createDenoisingScorer = async (options: DenoisingScorerOptions): Promise<DenoisingScorer> => {
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
      const numbers = tensorOf(batch, 'target').shape[1]!;
      return Array.from(given['errors']!.data as Float32Array, (error) => error / numbers);
    },
    release: session.release,
  };
};
