import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Comparison, ComparisonAnswer, ItemsPage } from '../../main/api/contract.ts';
import { createCommandLine, type CommandLine } from '../cli/nora.ts';
import { writeSubjectPictures } from '../support/subject-pictures.ts';
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
  ])('refuses what means nothing here: %s', async (more, message) => {
    const path = join(line.directory, 'refused.yaml');
    writeFileSync(path, file('refused', 'subject', more));
    const refused = await line.nora('comparison', 'create', path);
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain(message);
  });
});
