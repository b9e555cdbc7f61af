import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createBatchStream, sequentialBatches } from '../../engine/data/batches/batches.ts';
import { tokenBatching } from '../../engine/data/batches/token-batching.ts';
import type { Example } from '../../engine/data/examples/examples.ts';
import { writeFileWhole } from '../../engine/formats/atomic-file.ts';
import { writeSafetensors } from '../../engine/formats/safetensors.ts';
import { openModel, type Model } from '../../engine/models/model.ts';
import { unpackParameters } from '../../engine/optim/parameter-layout.ts';
import { learningRateAt } from '../../engine/optim/schedule.ts';
import { createTrainer } from '../../engine/train/trainer.ts';
import { initialWeights } from './initial-weights.ts';
import { generationConfig, modelConfig } from './model-config.ts';
import { modelDirectory } from './paths.ts';
import { pretrainingTokens } from './pretraining-tokens.ts';

const seed = 1;
const sequenceLength = 256;
const batchSize = 16;
/** The last part of the corpus, in rows, is not trained on: it tells how well the model does on text of its own kind. */
const heldOutRows = 128;

/** The corpus cut into rows of equal length; every token but the first of a row is a target. */
const rowsOf = (tokens: Int32Array): Example[] =>
  Array.from({ length: Math.floor(tokens.length / sequenceLength) }, (_, sourceRow) => ({
    inputIds: tokens.subarray(sourceRow * sequenceLength, (sourceRow + 1) * sequenceLength),
    targets: new Uint8Array(sequenceLength).fill(1),
    sourceRow,
  }));

/** Fresh weights as a model folder, in float32: training starts from a folder like any other. */
const freshModel = (directory: string): Model => {
  writeFileWhole(join(directory, 'config.json'), JSON.stringify({ ...modelConfig, torch_dtype: 'float32' }));
  writeFileWhole(join(directory, 'generation_config.json'), JSON.stringify(generationConfig));
  const tensors = [...initialWeights(seed)].map(([name, { shape, data }]) => ({
    name,
    dtype: 'F32' as const,
    shape,
    data,
  }));
  writeSafetensors(join(directory, 'model.safetensors'), tensors, { format: 'pt' });
  return openModel(directory);
};

/** Pretrains the sample model with the workbench's own engine: every weight is trained, nothing is adapted. */
const pretrain = async (steps: number): Promise<void> => {
  const workspace = mkdtempSync(join(tmpdir(), 'nora-pretrain-'));
  const model = freshModel(workspace);
  const rows = rowsOf(pretrainingTokens());
  const [training, heldOut] = [rows.slice(0, -heldOutRows), rows.slice(-heldOutRows)];
  const trainer = await createTrainer({
    model,
    adapter: null,
    trainedWeights: [...model.weightShapes.keys()],
    positions: sequenceLength,
    labels: batchSize * sequenceLength,
    memory: 'fast',
    optimizer: { beta1: 0.9, beta2: 0.98, epsilon: 1e-8, weightDecay: 0.1, maxGradientNorm: 1 },
    gradientAccumulation: 1,
    threads: null,
  });
  const batching = tokenBatching({ sequenceLength, packing: false });
  const evaluate = async (): Promise<number> => {
    const batches = sequentialBatches({ examples: heldOut, batchSize, batching });
    return (await trainer.evaluate(batches)).loss;
  };
  const stream = createBatchStream({ examples: training, batchSize, batching, seed });
  const schedule = { schedule: 'cosine' as const, warmupSteps: 50, steps, learningRate: 4e-3 };

  console.log(
    `${training.length} rows of ${sequenceLength} tokens, held-out loss ${(await evaluate()).toFixed(4)}`,
  );
  const started = performance.now();
  for (let step = 1; step <= steps; step++) {
    const { loss, gradientNorm } = await trainer.step([stream.next()], learningRateAt(step - 1, schedule));
    if (step % 100 !== 0 && step !== steps) continue;
    const seconds = (performance.now() - started) / 1000;
    console.log(
      `step ${step} of ${steps}: loss ${loss.toFixed(4)}, gradient norm ${gradientNorm.toFixed(2)}, held-out loss ${(await evaluate()).toFixed(4)}, ${seconds.toFixed(0)} s`,
    );
  }

  const weights = unpackParameters(trainer.layout, (await trainer.state()).parameters);
  const tensors = [...model.weightShapes].map(([name, shape]) => ({
    name,
    dtype: 'BF16' as const,
    shape,
    data: weights.get(name) as Float32Array,
  }));
  writeSafetensors(join(modelDirectory, 'model.safetensors'), tensors, { format: 'pt' });
  await trainer.release();
  rmSync(workspace, { recursive: true, force: true });
  console.log(`model.safetensors -> ${modelDirectory}`);
};

const { values } = parseArgs({ options: { steps: { type: 'string', default: '1400' } } });
await pretrain(Number(values.steps));
