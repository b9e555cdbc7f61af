/**
 * The few-shot study: zero-shot, and LoRA and NoRA with as many trained numbers, at 1 to 16 pictures of a class, each from five seeds, on the small
 * CLIP and the two sets of this folder:
 *
 *     node test/few-shot/clip/train-clip.ts && node test/few-shot/sets/prepare-sets.ts
 *     node test/few-shot/study.ts [--sets mnist,textiles] [--seeds 1,2,3,4,5] [--chart docs/vision-language.svg]
 *     node test/few-shot/study.ts --sets mnist-tuning --seeds 9 --shots 4 --rates 2e-3,6e-3    # measured on the part to validate with
 *
 * The runs are those of an experiment with these settings, trained in this process. What an earlier call came to is kept in out/few-shot/study and
 * not trained again. Prints the tables of docs/vision-language.md.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { accuracyChart } from './chart.ts';
import { measureRun, specificationOf } from './measure-run.ts';
import { methods, type MethodName } from './methods.ts';
import { studyFolder } from './packages/registry-packages.ts';
import { tableOf, type Reached } from './summary.ts';

const text = (usual: string) => ({ type: 'string', default: usual }) as const;
const { values: given } = parseArgs({
  options: {
    model: text(join(studyFolder, 'clip-emoji')),
    pictures: text(join(studyFolder, 'sets')),
    sets: text('mnist,textiles'),
    seeds: text('1,2,3,4,5'),
    shots: text('1,2,4,8,16'),
    steps: text('100'),
    /** Of both methods, instead of their own. */
    rates: { type: 'string' },
    chart: { type: 'string' },
  },
});
const listed = (list: string): number[] => list.split(',').map(Number);
const searched = given.rates === undefined ? null : listed(given.rates);

/** Digits are written one way round, and whole: parts of them and their mirror images are others. */
const views: Readonly<Record<string, string>> = { mnist: 'fixed', textiles: 'random' };
const rates: Readonly<Record<MethodName, number>> = { LoRA: 6e-3, NoRA: 6e-3 };
const methodNames: readonly MethodName[] = ['LoRA', 'NoRA'];

const folder = join(studyFolder, 'study');
mkdirSync(folder, { recursive: true });

type Asked = Pick<Reached, 'set' | 'seed' | 'method' | 'shots' | 'rate'>;

const reach = async ({ set, seed, method, shots, rate }: Asked): Promise<Reached> => {
  const kept = join(
    folder,
    `${set} ${method} ${shots} shots rate ${rate} seed ${seed} steps ${given.steps}.json`,
  );
  if (existsSync(kept)) return JSON.parse(readFileSync(kept, 'utf8')) as Reached;
  const runDirectory = mkdtempSync(join(tmpdir(), 'nora-few-shot-'));
  const specification = await specificationOf({
    ...{ runDirectory, modelDirectory: given.model, pictures: join(given.pictures, set), seed },
    adapter: methods[method],
    training: {
      ...{ steps: Number(given.steps), batchSize: 16, learningRate: rate, schedule: 'cosine', threads: 1 },
      pictures: { shots, template: 'a photo of a {}.', views: views[set.replace('-tuning', '')] },
    },
  });
  const { before, after } = await measureRun(specification);
  rmSync(runDirectory, { recursive: true });
  const reached = { set, seed, method, shots, rate, zeroShot: before, accuracy: after };
  writeFileSync(kept, `${JSON.stringify(reached)}\n`);
  console.error(JSON.stringify(reached));
  return reached;
};

const all: Reached[] = [];
for (const set of given.sets.split(',')) {
  const reached: Reached[] = [];
  for (const seed of listed(given.seeds))
    for (const shots of listed(given.shots))
      for (const method of methodNames)
        for (const rate of searched ?? [rates[method]])
          reached.push(await reach({ set, seed, method, shots, rate }));
  console.log(`\n${set}\n\n${tableOf(reached, searched)}`);
  all.push(...reached);
}
if (given.chart !== undefined) writeFileSync(given.chart, accuracyChart(all));
