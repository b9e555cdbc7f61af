import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Comparison, ComparisonAnswer, FidelityAnswer, ItemsPage } from '../../main/api/contract.ts';
import { foldersOfArms } from '../../main/services/blind/folder-of-arm.ts';
import { readState } from '../../main/services/comparisons/orchestration/comparison-state.ts';
import {
  measuredPicture,
  measuredPictures,
} from '../../main/services/comparisons/pictures/measured-pictures.ts';
import { drawnByBase } from '../../main/services/comparisons/scoring/score-specification.ts';
import { openStore } from '../../main/store/store.ts';
import { measuredPicturesIn } from '../../main/trainer/score/measured-pictures.ts';
import { createCommandLine, type CommandLine } from '../cli/nora.ts';
import { writeSubjectPictures } from '../support/subject-pictures.ts';
import { writeTinyClip } from '../support/tiny-clip.ts';
import { writeTinyDino } from '../support/tiny-dino.ts';
import { writeTinyPipeline } from '../support/tiny-pipeline.ts';

let line: CommandLine;
beforeAll(async () => {
  line = createCommandLine();
  await line.nora('model', 'import', writeTinyPipeline(join(line.directory, 'sd15')));
  const folder = join(line.directory, 'dog');
  const sizes = [
    [20, 20],
    [24, 16],
    [18, 30],
    [33, 20],
    [20, 20],
  ] as const;
  await writeSubjectPictures(folder, sizes);
  await writeSubjectPictures(join(folder, 'class_images'), sizes.slice(0, 4), 2);
  await line.nora('dataset', 'import', folder, '--as', 'subject');
}, 120_000);
afterAll(() => line.remove());

/** LoRA on the U-Net, its convolutions among the targets, and NoRA on the text encoder too: of the one texts are embedded once, of the other they go through the encoder. */
const file = (name: string, heldOut = 'subject', more = ''): string => `
version: 1
name: ${name}
model: sd15
dataset: dog
training:
  steps: 2
  batchSize: 3
  learningRate: 0.01
  threads: 1
  diffusion: { prompt: red dog, resolution: 16, heldOut: ${heldOut}, heldOutDraws: 8, prior: { prompt: a dog } }
seeds: [1, 2]
arms:
  - { name: LoRA, adapter: { method: lora, rank: 2, alpha: 4, targetModules: [to_q, to_v, conv1] } }
  - name: NoRA
    adapter:
      { method: nora, outerRank: 6, innerRank: 2, alpha: 4, calibrationBatches: 1, targetModules: [to_q, to_v, q_proj] }
${more}`;

const create = async (
  name: string,
  text: string,
): Promise<{ id: string; accept: string; comparison: Comparison }> => {
  const path = join(line.directory, `${name}.yaml`);
  writeFileSync(path, text);
  const { document } = await line.noraJson('comparison', 'create', path);
  const comparison = document as Comparison;
  const accept = comparison.confounds.map((confound) => confound.name).join(',');
  return { id: comparison.id, accept, comparison };
};

type Done = { comparison: Comparison; answer: ComparisonAnswer };

/** What it comes to, without what is another one each time: ids and times, which the sentence has too. */
const numbersOf = ({ metrics }: ComparisonAnswer): unknown =>
  metrics.map(({ arms, ...metric }) => ({
    ...metric,
    arms: arms.map(({ runs, ...arm }) => ({ ...arm, runs: runs.map(({ seed, score }) => [seed, score]) })),
  }));

const matched = 'matching: { by: trained-parameters, tolerance: 0.5 }\n';

describe('a comparison of arms that draw, through real trainers', () => {
  let whole: Done;

  test('is matched, trained, scored draw by draw and answered in all and by quarters', async () => {
    const { id, accept } = await create('whole', file('whole', 'subject', matched));
    whole = (await line.noraJson('comparison', 'run', id, '--accept', accept)).document as Done;
    const { comparison, answer } = whole;
    expect(comparison.status).toBe('completed');
    expect(comparison.budgets!.arms.map(({ isMatched }) => isMatched)).toEqual([true, true]);
    for (const run of comparison.runs) {
      const scored = comparison.assessments.find(({ runId }) => runId === run.runId)!;
      expect(scored.items).toBe(8);
      // What the run measured itself, on the same draws.
      expect(scored.scores.denoising_loss).toBeCloseTo(run.loss!, 5);
    }
    expect(comparison.assessments.filter(({ arm }) => arm === null)).toHaveLength(1);

    expect(
      answer.metrics.map(({ metric, label, items, decides }) => [metric, label, items, decides]),
    ).toEqual([
      ['denoising_loss', 'denoising loss', 8, true],
      ['denoising_loss_quarter_1', 'denoising loss, least noise', 2, false],
      ['denoising_loss_quarter_2', 'denoising loss, less noise', 2, false],
      ['denoising_loss_quarter_3', 'denoising loss, more noise', 2, false],
      ['denoising_loss_quarter_4', 'denoising loss, most noise', 2, false],
    ]);
    const [all, ...quarters] = answer.metrics;
    const mean = quarters.reduce((sum, { base }) => sum + base!.score / 4, 0);
    expect(all!.base!.score).toBeCloseTo(mean, 10);
    expect(all!.pairs[0]).toMatchObject({ test: 'crossed' });
    expect(all!.pairs[0]!.interval).not.toBeNull();
    expect(all!.caveats.join()).toContain('draws of noise on the same few pictures');
    expect(answer.sentence).toMatch(/^On denoising loss \(held-out\) /);
    expect(answer.points.join()).toContain('score the pictures before choosing');
    const { items } = (await line.noraJson('comparison', 'items', id)).document as ItemsPage;
    expect(items[0]!.prompt).toMatch(/\.png$/);
    expect(items[0]!.subjects).toHaveLength(5);
  }, 600_000);

  test('is reported with the quarters of its loss beside each other', async () => {
    const { id } = whole.comparison;
    const markdown = (await line.nora('compare', id, '--format', 'markdown')).stdout;
    expect(markdown).toContain('## denoising loss, held-out, by how much noise there is');
    expect(markdown).toContain('| in all | least noise | less noise | more noise | most noise |');
    expect(markdown.split('## Costs')[0]).not.toMatch(/token/);
    const html = (await line.nora('compare', id, '--format', 'html')).stdout;
    expect(html).toContain('denoising loss, held-out, by how much noise there is');
  }, 120_000);

  test('is measured by those who see what its arms draw, and judged blind on the same pictures', async () => {
    await line.nora('model', 'import', writeTinyDino(join(line.directory, 'dino'), 'vit'));
    await line.nora('model', 'import', writeTinyClip(join(line.directory, 'clip')));
    const drawn = { steps: 2, guidance: 1, width: 16, height: 16, sampler: 'ddim', leaveOut: 'red' };
    const task = { kind: 'drawn', name: 'pictures', models: ['dino', 'clip', 'none such'], ...drawn };
    const asked = { ...task, prompts: ['a red dog', 'a red dog at night'], seeds: [3, 4] };
    const { id, accept } = await create(
      'seen',
      file('seen', 'subject', `tasks: [${JSON.stringify(asked)}]\n`),
    );
    const { comparison, answer } = (await line.noraJson('comparison', 'run', id, '--accept', accept))
      .document as Done;
    expect(comparison.problems).toEqual([]);
    const measured = answer.metrics.filter((metric) => metric.task === 'pictures');
    expect(measured.map(({ label, items, decides }) => [label, items, decides])).toEqual([
      ['DINO', 4, true],
      ['CLIP-I', 4, false],
      ['CLIP-T', 4, false],
    ]);
    for (const { pairs, caveats } of measured) {
      expect(pairs[0]).toMatchObject({ test: 'crossed' });
      expect(caveats.join()).toContain('pictures of the same few prompts');
      expect(caveats).toContain('"none such" is not in the library, so nothing was measured by it');
    }
    expect(answer.metrics.map(({ label }) => label)).toContain('denoising loss, most noise');
    const { notices } = comparison.tasks.find((one) => one.task === 'pictures')!;
    expect(notices).toEqual([
      'compared with all 5 pictures of the subject, those that are trained on among them',
      '"none such" is not in the library, so nothing was measured by it',
    ]);

    // The same as where folders are measured by themselves.
    const data = join(line.directory, 'data');
    const folderOf = (arm: string): string => {
      const run = comparison.runs.find((one) => one.arm === arm && one.seed === 1)!;
      return measuredPicturesIn(join(data, 'runs', run.runId), 'pictures');
    };
    const real = join(line.directory, 'real');
    mkdirSync(real);
    for (const name of readdirSync(join(line.directory, 'dog')).filter((one) => /\.(png|jpg)$/.test(one)))
      cpSync(join(line.directory, 'dog', name), join(real, name));
    const apart = (
      await line.noraJson(
        ...['fidelity', folderOf('LoRA'), folderOf('NoRA'), '--subject', real],
        ...['--leave-out', 'red', '--model', 'dino', 'clip'],
      )
    ).document as FidelityAnswer;
    for (const [at, { label }] of apart.measures.entries())
      for (const run of apart.runs) {
        const arm = run.folder === folderOf('LoRA') ? 'LoRA' : 'NoRA';
        const own = measured
          .find((metric) => metric.label === label)!
          .arms.find((one) => one.arm === arm)!
          .runs.find(({ seed }) => seed === 1)!;
        expect(own.score, `${label} of ${arm}`).toBeCloseTo(run.means[at]!, 5);
      }

    // The base's are where they can be made again, and go with the comparison.
    expect(existsSync(measuredPicturesIn(drawnByBase(data, id), 'pictures'))).toBe(true);
    const store = openStore(data);
    const asks = { comparisonId: id, arms: ['LoRA', 'NoRA'] as const, seed: 1 };
    expect(foldersOfArms(store, data, asks)).toEqual([folderOf('LoRA'), folderOf('NoRA')]);
    expect(() => foldersOfArms(store, data, { ...asks, seed: 9 })).toThrow(
      'arms: "seen" has no run of the arm "LoRA" from the seed 9; it has LoRA, NoRA from 1, 2',
    );
    const state = readState(store, store.comparisons.find(id)!);
    const shown = measuredPictures(data, state, { task: 'pictures' });
    expect(shown.wanted).toHaveLength(4);
    expect(shown.subjects.map(({ isDrawn }) => isDrawn)).toEqual([true, true, true, true, true]);
    const lora = comparison.runs.find((one) => one.arm === 'LoRA' && one.seed === 1)!.runId;
    const pictureOf = (runId: string | null, position: number, of = 'pictures') =>
      measuredPicture(data, state, { task: of, runId, position });
    expect(pictureOf(lora, 3)).toMatchObject({
      ...{ width: 16, height: 16, targetPath: join(folderOf('LoRA'), '0004.png') },
      data: readFileSync(join(folderOf('LoRA'), '0004.png')).toString('base64'),
    });
    expect(pictureOf(null, 0).data).not.toBe(pictureOf(lora, 0).data);
    expect(() => pictureOf('nobody', 0)).toThrow('has no run "nobody"');
    expect(() => pictureOf(lora, 4)).toThrow('there is no picture 5 of the arm "LoRA" from the seed 1');
    expect(() => pictureOf(lora, 0, 'held-out')).toThrow('it does for pictures');
    writeFileSync(join(folderOf('LoRA'), '0001.png'), 'torn');
    expect(() => pictureOf(lora, 0)).toThrow('0001.png: holds other bytes than were drawn');

    const plain = { ...asks, comparisonId: whole.comparison.id };
    expect(() => foldersOfArms(store, data, plain)).toThrow(
      'arms: "LoRA" has drawn nothing from the seed 1 yet',
    );
    store.close();
    await line.nora('comparison', 'remove', id);
    expect(existsSync(drawnByBase(data, id))).toBe(false);
    expect(existsSync(folderOf('LoRA'))).toBe(false);
  }, 600_000);

  test('goes on after it was killed, while it trains and while it scores, to the same answer', async () => {
    const { id, accept } = await create('killed', file('killed', 'subject', matched));
    for (const [at, more] of [
      [/NoRA, seed 1: completed/, ['--accept', accept]],
      [/scoring/, []],
    ] as const) {
      const begun = line.startGroup('comparison', 'run', id, ...more);
      await begun.said(at);
      process.kill(-begun.child.pid!, 'SIGKILL');
      await begun.ended;
    }
    const { comparison, answer } = (await line.noraJson('comparison', 'run', id)).document as Done;
    expect(comparison.status).toBe('completed');
    expect(numbersOf(answer)).toEqual(numbersOf(whole.answer));
  }, 600_000);

  test('measures the class where its drift is asked for', async () => {
    const { id, accept } = await create('drift', file('drift', 'class').replace('[1, 2]', '[1]'));
    const { comparison } = (await line.noraJson('comparison', 'run', id, '--accept', accept))
      .document as Done;
    for (const run of comparison.runs) {
      const scored = comparison.assessments.find(({ runId }) => runId === run.runId)!;
      expect(scored.scores.denoising_loss).toBeCloseTo(run.loss!, 5);
    }
    const { items } = (await line.noraJson('comparison', 'items', id)).document as ItemsPage;
    expect(items[0]!.prompt).toContain('class_images');
  }, 600_000);

  test.each([
    ['shots: [1]\n', 'shots: "dog" has pictures without classes, which have no shots; leave it out'],
    [
      'tasks: [{ kind: classes, name: colours }]\n',
      'task colours: the model draws pictures, which "classes" can\'t be asked of',
    ],
    [
      'tasks: [{ kind: drawn, name: pictures, models: [dinosaur], prompts: [a dog] }]\n',
      'task pictures: none of its models is in the library (dinosaur): import one, or leave the task out',
    ],
    [
      'tasks: [{ kind: drawn, name: pictures, models: [sd15], prompts: [a dog] }]\n',
      'task pictures: "sd15" sees no pictures; drawn ones are measured by CLIP, SigLIP, DINO and DINOv2',
    ],
  ])('refuses what means nothing here: %s', async (more, message) => {
    const path = join(line.directory, 'refused.yaml');
    writeFileSync(path, file('refused', 'subject', more));
    const refused = await line.nora('comparison', 'create', path);
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain(message);
  });
});
