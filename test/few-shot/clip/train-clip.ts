/**
 * Trains the small CLIP of the study from random weights, on emoji drawings and their names, with the workbench's own engine:
 * `node test/few-shot/clip/train-clip.ts [--steps 2000] [--threads 1] [--to out/few-shot/clip-emoji]`. The drawings come from two npm
 * packages (registry-packages.ts names them with their licences); nothing of them is kept in the repository.
 */
import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createRandom } from '../../../main/engine/random.ts';
import { studyFolder } from '../packages/registry-packages.ts';
import { allTexts, drawCaptions, drawView, readEmoji, type Emoji } from './emoji.ts';
import { writeFreshClip } from './small-clip.ts';
import { trainPairs, type Pair } from './train-pairs.ts';
import { writeTokenizer } from './write-tokenizer.ts';

const seed = 1;
const pairsOfStep = 64;

/** Emoji in an order drawn anew each time that all were seen; none is twice in a step. */
function* drawPairs(emoji: readonly Emoji[], step: number): Generator<Pair, void, undefined> {
  const stepsOfEpoch = Math.floor(emoji.length / pairsOfStep);
  const order = createRandom(seed, Math.floor(step / stepsOfEpoch)).shuffle([...emoji]);
  const from = (step % stepsOfEpoch) * pairsOfStep;
  // Streams below 2^32 are the orders.
  const random = createRandom(seed, 2 ** 32 + step);
  for (const one of order.slice(from, from + pairsOfStep))
    yield { picture: drawView(one, random), captions: drawCaptions(one, random) };
}

const train = async (steps: number, threads: number, target: string): Promise<void> => {
  const emoji = await readEmoji();
  mkdirSync(studyFolder, { recursive: true });
  const folder = mkdtempSync(join(studyFolder, 'clip-'));
  const parameters = writeFreshClip(folder, seed);
  writeTokenizer(folder, allTexts(emoji));
  console.log(`${emoji.length} emoji, ${parameters} parameters, ${steps} steps of ${pairsOfStep} pairs`);
  const started = process.cpuUsage();
  await trainPairs({
    ...{ folder, steps, pairsOfStep, threads, learningRate: 2e-3, warmupSteps: 100 },
    draw: (step) => drawPairs(emoji, step),
    onStep: (step, loss) => {
      if (step % 100 !== 0 && step !== 1 && step !== steps) return;
      const { user, system } = process.cpuUsage(started);
      const seconds = ((user + system) / 1e6).toFixed(0);
      console.log(`step ${step} of ${steps}: loss ${loss.toFixed(4)}, ${seconds} CPU s`);
    },
  });
  rmSync(target, { recursive: true, force: true });
  renameSync(folder, target);
  console.log(`-> ${target}`);
};

const { values: given } = parseArgs({
  options: {
    steps: { type: 'string', default: '2000' },
    threads: { type: 'string', default: '1' },
    to: { type: 'string', default: join(studyFolder, 'clip-emoji') },
  },
});
await train(Number(given.steps), Number(given.threads), given.to);
