/**
 * The few-shot study: zero-shot, and LoRA and NoRA with as many trained numbers, at 1 to 16 pictures of a class, each from five seeds, on the small
 * CLIP and the two sets of this folder. Every run is one of `nora experiment run`, from files that are left in out/few-shot/experiments:
 *
 *     node test/few-shot/clip/train-clip.ts && node test/few-shot/sets/prepare-sets.ts
 *     node test/few-shot/study.ts [--sets mnist,textiles] [--seeds 1,2,3,4,5] [--chart docs/vision-language.svg]
 *     node test/few-shot/study.ts --sets mnist-tuning --seeds 9 --rates 1e-3,3e-3,1e-2    # rates, on the part to validate with
 *
 * What is trained already is not trained again. Prints the tables of docs/vision-language.md.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { stringify } from 'yaml';
import { root } from '../support/paths.ts';
import { accuracyChart } from './chart.ts';
import { studyFolder } from './packages/registry-packages.ts';
import { tableOf, type Reached } from './summary.ts';

const text = (usual: string) => ({ type: 'string', default: usual }) as const;
const { values: given } = parseArgs({
  options: {
    model: text(join(studyFolder, 'clip-emoji')),
    pictures: text(join(studyFolder, 'sets')),
    library: text(join(studyFolder, 'library')),
    sets: text('mnist,textiles'),
    seeds: text('1,2,3,4,5'),
    shots: text('1,2,4,8,16'),
    /** Of both methods, instead of their own. */
    rates: { type: 'string' },
    chart: { type: 'string' },
  },
});
const listed = (list: string): number[] => list.split(',').map(Number);
const shots = listed(given.shots);

/** Digits are written one way round, and whole: parts of them and their mirror images are others. */
const views = { mnist: 'fixed', textiles: 'random' } as const;
const onBoth = { targetModules: ['q_proj', 'k_proj', 'v_proj'] };
/** 21,504 trained numbers each: 1,024 at every one of 21 places. */
const methods = {
  LoRA: { rate: 3e-3, adapter: { method: 'lora', rank: 4, alpha: 4, ...onBoth } },
  NoRA: {
    rate: 3e-3,
    adapter: { method: 'nora', outerRank: 64, innerRank: 8, alpha: 8, calibrationBatches: 2, ...onBoth },
  },
} as const;
type MethodName = keyof typeof methods;
const methodNames = Object.keys(methods) as MethodName[];

const nora = async (...options: string[]): Promise<string> => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [join(root, 'main/cli/nora.ts'), ...options, '--json'],
    { env: { ...process.env, NORA_DATA_DIR: given.library }, maxBuffer: 2 ** 26 },
  );
  return stdout;
};

interface Row {
  readonly name: string;
  readonly summary: Readonly<Record<string, number>>;
}

const experimentOf = (set: string, seed: number) => ({
  version: 1,
  name: `${set}, seed ${seed}${given.rates === undefined ? '' : `, rates ${given.rates}`}`,
  model: 'clip-emoji',
  dataset: set,
  seed,
  training: { steps: 150, batchSize: 16, schedule: 'cosine', threads: 1 },
  configurations: shots.flatMap((count) =>
    methodNames.flatMap((name) => {
      const { rate, adapter } = methods[name];
      const pictures = {
        shots: count,
        template: 'a photo of a {}.',
        views: views[set.replace('-tuning', '') as keyof typeof views],
      };
      return (given.rates === undefined ? [rate] : listed(given.rates)).map((learningRate) => ({
        name: `${name}/${count}/${learningRate}`,
        adapter,
        training: { pictures, learningRate },
      }));
    }),
  ),
});

/** Makes the experiment where it is not there yet, and trains what is not trained. */
const runSeed = async (set: string, seed: number): Promise<Reached[]> => {
  const experiment = experimentOf(set, seed);
  const folder = join(studyFolder, 'experiments');
  const file = join(folder, `${experiment.name.replaceAll(/[^\w.-]+/g, '-')}.yaml`);
  mkdirSync(folder, { recursive: true });
  const isMade = existsSync(file);
  if (!isMade) writeFileSync(file, stringify(experiment));
  const answer = await nora('experiment', 'run', isMade ? experiment.name : file);
  const { comparison } = JSON.parse(answer) as { comparison: { rows: readonly Row[] } };
  return comparison.rows.map(({ name, summary }) => {
    const [method, count, rate] = name.split('/') as [MethodName, string, string];
    return {
      ...{ set, seed, method, shots: Number(count), rate: Number(rate) },
      zeroShot: summary['validation/accuracy/before']!,
      accuracy: summary['validation/accuracy']!,
      seconds: summary['run/total_seconds']!,
      trained: summary['run/trained_parameters']!,
    };
  });
};

if (!existsSync(given.library)) {
  mkdirSync(given.library, { recursive: true });
  await nora('model', 'import', given.model);
}
const all: Reached[] = [];
for (const set of given.sets.split(',')) {
  const listedSets = JSON.parse(await nora('dataset', 'list')) as readonly { readonly name: string }[];
  if (!listedSets.some(({ name }) => name === set))
    await nora('dataset', 'import', join(given.pictures, set));
  const reached: Reached[] = [];
  for (const seed of listed(given.seeds)) {
    reached.push(...(await runSeed(set, seed)));
    console.error(`${set}, seed ${seed}: done`);
  }
  console.log(`\n${set}\n\n${tableOf(reached)}`);
  all.push(...reached);
}
writeFileSync(join(studyFolder, 'study.json'), `${JSON.stringify(all, null, 1)}\n`);
if (given.chart !== undefined) writeFileSync(given.chart, accuracyChart(all));
