import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { tokenizersOf } from '../../main/engine/data/tokens/pipeline-tokenizers.ts';
import { convolutionLayer } from '../../main/engine/models/architecture.ts';
import { openModel } from '../../main/engine/models/model.ts';
import { createRandom } from '../../main/engine/random.ts';
import { autoencoderLoss } from './pipeline/autoencoder.ts';
import { denoiserLoss } from './pipeline/denoiser.ts';
import { captionOf } from './pipeline/drawings.ts';
import { contextOn, meanOfAll, shareOf } from './pipeline/network.ts';
import { freshWeights, layoutOf, trainNetwork, type Build, type Trained } from './pipeline/train-network.ts';
import { learnWordPieces } from './pipeline/word-pieces.ts';
import { writePipeline } from './pipeline/write-pipeline.ts';
import { writeTokenizer } from './pipeline/write-tokenizer.ts';

const workspace = mkdtempSync(join(tmpdir(), 'nora-subject-driven-'));
afterAll(() => rmSync(workspace, { recursive: true, force: true }));

it('word pieces are CLIP’s: bytes first, then merges, the commonest pair first, marks last', () => {
  const { vocabulary, merges } = learnWordPieces(['low low lower', 'lowest'], 519, ['<start>', '<end>']);
  expect(merges).toStrictEqual(
    [
      ['l', 'o'],
      ['lo', 'w'],
      ['lo', 'w</w>'],
      ['low', 'e'],
      ['lowe', 'r</w>'],
    ].slice(0, merges.length),
  );
  expect(vocabulary).toHaveLength(519);
  expect(vocabulary.slice(-2)).toStrictEqual(['<start>', '<end>']);
  expect(() => learnWordPieces(['ab'], 600, [])).toThrow('all words are whole after 1 merges');
});

const random = createRandom(1);
const numbers = (length: number): Float32Array => Float32Array.from({ length }, () => random.normal());

/** Two convolutions that are to double what they see. */
const doubling: Build = (g, weight) => {
  const { convolution } = contextOn(g, weight);
  const x = g.input('x', 'float32', ['images', 2, 6, 6]);
  const kernel = { size: 3, stride: 1, padding: 1 };
  const inner = g.silu(convolution(convolutionLayer('first', 2, 8, kernel), x), 1);
  const off = g.subtract(convolution(convolutionLayer('second', 8, 2, kernel), inner), g.multiply(x, 2));
  return { loss: meanOfAll(g, g.multiply(off, off), 'share') };
};

const shape = [4, 2, 6, 6];
const batches = Array.from({ length: 3 }, () => numbers(4 * 2 * 36));

const train = async (name: string, steps: number, until = steps): Promise<[Trained | null, number[]]> => {
  const losses: number[] = [];
  const stopped = new Error('stopped');
  const trained = await trainNetwork({
    build: doubling,
    ...{ steps, seed: 3, threads: 1, learningRate: 1e-2, warmupSteps: 2, weightDecay: 0, averageDecay: 0.9 },
    feeds: (step) => ({ x: { shape, data: batches[step % 3]! }, share: shareOf(4 * 2 * 36) }),
    ...{ checkpoint: join(workspace, name), checkpointSteps: 10 },
    onStep: (step, { loss }) => {
      losses.push(Number(loss!.data[0]));
      if (step === until && until < steps) throw stopped;
    },
  }).catch((error: unknown) => {
    if (error === stopped) return null;
    throw error;
  });
  return [trained, losses];
};

it('a network learns, and goes on from its checkpoint with the numbers that it would have had', async () => {
  const [whole, losses] = await train('whole', 40);
  expect(losses.at(-1)).toBeLessThan(losses[0]! / 4);
  const [stopped] = await train('stopped', 40, 25);
  expect(stopped).toBeNull();
  const [resumed, rest] = await train('stopped', 40);
  expect(rest).toStrictEqual(losses.slice(20));
  expect(resumed!.weights).toStrictEqual(whole!.weights);
});

it('the pipeline is written as a folder that opens as a model, with a weight for each that it reads', () => {
  const folder = join(workspace, 'pipeline');
  const trained = [denoiserLoss, autoencoderLoss].map((build): Trained => {
    const layout = layoutOf(build);
    return { layout, weights: freshWeights(layout, 1) };
  });
  writePipeline(folder, trained, 0.5);
  const words = Array.from({ length: 700 }, (_, at) => `thing${String.fromCharCode(97 + (at % 26))}${at}`);
  writeTokenizer(join(folder, 'tokenizer'), [
    captionOf('red apple', 'blue'),
    ...words.map((word) => wordOf(word)),
  ]);
  const model = openModel(folder);
  expect(model.notices).toStrictEqual([]);
  const names = trained.flatMap(({ layout }) => layout.slots.map(({ name }) => name));
  expect([...model.weightShapes.keys()].toSorted()).toStrictEqual(names.toSorted());
  const [tokenizer] = tokenizersOf(model.folder);
  const ids = tokenizer!.encode('a drawing of a red apple');
  expect([ids[0], ids.at(-1)]).toStrictEqual([1086, 1087]);
});

/** Letters for digits, so that each is one word of many pieces. */
const wordOf = (word: string): string =>
  word.replace(/\d/g, (digit) => String.fromCharCode(97 + Number(digit)));
