import { join } from 'node:path';
import type { Picture } from '../../../main/engine/data/pictures/picture.ts';
import { readView } from '../../../main/engine/data/pictures/views/read-view.ts';
import { writePixels } from '../../../main/engine/data/pictures/views/see-picture.ts';
import { loadTokenizer } from '../../../main/engine/data/tokens/tokenizer.ts';
import { writeSafetensors } from '../../../main/engine/formats/safetensors.ts';
import { comparedWith, towersOf } from '../../../main/engine/models/compared-model.ts';
import { openModel } from '../../../main/engine/models/model.ts';
import { imageCaptions } from '../../../main/engine/objectives/image-captions.ts';
import { unpackParameters } from '../../../main/engine/optim/parameter-layout.ts';
import { learningRateAt } from '../../../main/engine/optim/schedule.ts';
import { createTrainer } from '../../../main/engine/train/trainer.ts';

/** A picture of the size that the model takes, and what may be said of it: the first text that is short enough counts. */
export interface Pair {
  readonly picture: Picture;
  readonly captions: Iterable<string>;
}

export interface PairTraining {
  /** Of a CLIP with its tokenizer. The trained weights take the place of those that are there. */
  readonly folder: string;
  readonly steps: number;
  readonly pairsOfStep: number;
  readonly learningRate: number;
  readonly warmupSteps: number;
  readonly threads: number;
  /** The pairs of a step, counted from 0, drawn one after the other. */
  readonly draw: (step: number) => Iterable<Pair>;
  /** @param step counted from 1 */
  readonly onStep: (step: number, loss: number) => void;
}

/** Trains every weight of a CLIP to find the caption of each picture among those of the step, and the picture of each caption. */
export const trainPairs = async (options: PairTraining): Promise<void> => {
  const { folder, steps, pairsOfStep, learningRate, warmupSteps, threads, draw, onStep } = options;
  const tokenizer = loadTokenizer(folder);
  const model = comparedWith(openModel(folder), 'image-captions', pairsOfStep);
  const { maximumPositions } = model.architecture;
  const towers = towersOf(model.architecture);
  const batching = imageCaptions.batching({ towers, padId: tokenizer.padId! });
  const [, side] = towers.pictures.input.shape;
  const view = readView(folder, side!);
  const exampleOf = ({ picture, captions }: Pair) => {
    const pixels = new Float32Array(3 * side! ** 2);
    writePixels(picture, view, pixels);
    for (const text of captions) {
      const caption = tokenizer.encode(text);
      if (caption.length <= maximumPositions) return { picture: () => pixels, caption };
    }
    throw new Error(`no caption is short enough for ${maximumPositions} tokens`);
  };
  const trainer = await createTrainer({
    model,
    adapter: null,
    trainedWeights: [...model.weightShapes.keys()],
    positions: maximumPositions,
    labels: pairsOfStep,
    memory: 'fast',
    optimizer: { beta1: 0.9, beta2: 0.98, epsilon: 1e-8, weightDecay: 0.05, maxGradientNorm: 1 },
    gradientAccumulation: 1,
    threads,
  });
  const schedule = { schedule: 'cosine' as const, warmupSteps, steps, learningRate };
  for (let step = 1; step <= steps; step++) {
    const batch = batching.assemble(batching.formRows(Array.from(draw(step - 1), exampleOf)));
    onStep(step, (await trainer.step([batch], learningRateAt(step - 1, schedule))).loss);
  }
  const trained = unpackParameters(trainer.layout, (await trainer.state()).parameters);
  await trainer.release();
  writeSafetensors(
    join(folder, 'model.safetensors'),
    [...model.weightShapes].map(([name, shape]) => ({ name, dtype: 'F32', shape, data: trained.get(name)! })),
    { format: 'pt' },
  );
};
