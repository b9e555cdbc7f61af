/**
 * The study of subject-driven adapters: LoRA and NoRA with as many trained numbers, on each subject, each from five seeds:
 *
 *     node test/few-shot/clip/train-clip.ts && node test/subject-driven/pipeline/train-pipeline.ts
 *     node test/subject-driven/subjects/prepare-subjects.ts --photos FOLDER
 *     node test/subject-driven/study.ts [--subjects dog,parrot] [--seeds 1,2,3,4,5]
 *     node test/subject-driven/study.ts --subjects strawberry --seeds 9 --rates 1e-3,3e-3,1e-2    # to choose a learning rate by
 *
 * The runs are those of an experiment with these settings, trained in this process, and the pictures those of `nora draw`; `nora fidelity` measures the
 * same folders. What an earlier call came to is kept in out/subject-driven/study and not made again. Prints the tables of docs/subject-driven.md.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeDrawnFolder } from '../../main/cli/generation/drawn-folders.ts';
import { pngFile } from '../../main/engine/drawing/png-file.ts';
import { writeFileWhole } from '../../main/engine/formats/atomic-file.ts';
import { studyFolder } from '../few-shot/packages/registry-packages.ts';
import { drawWanted } from './draw-with.ts';
import { measureDrawn } from './measure-drawn.ts';
import { methodNames, methods, type MethodName } from './methods.ts';
import { captionOf } from './pipeline/drawings.ts';
import { subjectFolder } from './places.ts';
import {
  identifier,
  shownBackgrounds,
  subjectNames,
  subjects,
  tunedOn,
  type SubjectName,
} from './subjects/subjects.ts';
import { tablesOf, type Reached } from './summary.ts';
import { trainSubject } from './train-subject.ts';

const text = (usual: string) => ({ type: 'string', default: usual }) as const;
const { values: given } = parseArgs({
  options: {
    model: text(join(subjectFolder, 'small-diffusion')),
    judge: text(join(studyFolder, 'clip-emoji')),
    pictures: text(join(subjectFolder, 'subjects')),
    to: text(join(subjectFolder, 'study')),
    subjects: text(subjectNames.filter((name) => name !== tunedOn).join()),
    seeds: text('1,2,3,4,5'),
    steps: text('80'),
    /** Of both methods, instead of their own. */
    rates: { type: 'string' },
    threads: text('1'),
  },
});
const listed = (list: string): number[] => list.split(',').map(Number);
const threads = Number(given.threads);
const steps = Number(given.steps);
const rates: Readonly<Record<MethodName, number>> = { LoRA: 3e-3, NoRA: 3e-3 };
/** Pictures of each prompt. */
const shown = 2;

const wantedOf = (name: SubjectName) =>
  shownBackgrounds.flatMap((background) =>
    Array.from({ length: shown }, (_, seed) => ({
      prompt: captionOf(`${identifier} ${subjects[name].kind}`, background),
      seed,
    })),
  );

/** Draws what is wanted of a subject into a folder, whole or not at all. */
const drawInto = async (folder: string, name: SubjectName, adapter?: string): Promise<void> => {
  if (existsSync(folder)) return;
  const wanted = wantedOf(name);
  const by = { model: given.model, threads, ...(adapter === undefined ? {} : { adapter }) };
  const pictures = await drawWanted(by, wanted);
  const files = await Promise.all(pictures.map((picture) => pngFile(picture, {})));
  rmSync(`${folder}.new`, { recursive: true, force: true });
  writeDrawnFolder(
    `${folder}.new`,
    wanted.map((one, at) => ({ ...one, png: files[at]! })),
  );
  renameSync(`${folder}.new`, folder);
};

const placeOf = (name: SubjectName): string => name.replaceAll(' ', '-');
const subjectPictures = (name: SubjectName): string => join(given.pictures, placeOf(name));

const reach = async (name: SubjectName, method: MethodName, seed: number, rate: number): Promise<Reached> => {
  const folder = join(given.to, placeOf(name), `${method} rate ${rate} steps ${steps} seed ${seed}`);
  const kept = join(folder, 'reached.json');
  if (existsSync(kept)) return JSON.parse(readFileSync(kept, 'utf8')) as Reached;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(given.to, 'cache'), { recursive: true });
  const runDirectory = join(folder, 'run');
  mkdirSync(runDirectory, { recursive: true });
  const kind = subjects[name].kind;
  const losses = await trainSubject({
    ...{ runDirectory, modelDirectory: given.model, cacheDirectory: join(given.to, 'cache'), seed },
    pictures: subjectPictures(name),
    adapter: methods[method],
    training: {
      ...{ steps, batchSize: 4, learningRate: rate, schedule: 'cosine', weightDecay: 0.01, threads },
      diffusion: {
        ...{ prompt: captionOf(`${identifier} ${kind}`), resolution: 64, heldOutDraws: 64 },
        prior: { prompt: captionOf(kind), pictures: 0 },
      },
    },
  });
  const drawn = join(folder, 'drawn');
  await drawInto(drawn, name, join(runDirectory, 'adapter'));
  const measures = await measureDrawn({
    drawn,
    judge: given.judge,
    pictures: subjectPictures(name),
    threads,
  });
  const reached: Reached = { subject: name, method, seed, rate, ...losses, ...measures };
  writeFileWhole(kept, `${JSON.stringify(reached)}\n`);
  console.error(JSON.stringify(reached));
  return reached;
};

const all: Reached[] = [];
const base: Record<string, { likeness: number; promptFit: number }> = {};
for (const name of given.subjects.split(',') as SubjectName[]) {
  const drawn = join(given.to, placeOf(name), 'base');
  mkdirSync(join(given.to, placeOf(name)), { recursive: true });
  await drawInto(drawn, name);
  base[name] = await measureDrawn({ drawn, judge: given.judge, pictures: subjectPictures(name), threads });
  for (const seed of listed(given.seeds))
    for (const method of methodNames)
      for (const rate of given.rates === undefined ? [rates[method]] : listed(given.rates))
        all.push(await reach(name, method, seed, rate));
}
console.log(tablesOf(all, base));
