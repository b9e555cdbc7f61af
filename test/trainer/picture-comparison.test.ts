import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Comparison, ComparisonAnswer, ItemsPage } from '../../main/api/contract.ts';
import { createCommandLine, type CommandLine } from '../cli/nora.ts';
import { writeTinyClip } from '../support/tiny-clip.ts';
import { writeColourPictures } from '../support/tiny-pictures.ts';

let line: CommandLine;
beforeAll(async () => {
  line = createCommandLine();
  await line.nora('model', 'import', writeTinyClip(join(line.directory, 'clip')));
  await line.nora('dataset', 'import', await writeColourPictures(join(line.directory, 'colours')));
}, 120_000);
afterAll(() => line.remove());

/** LoRA on both towers against NoRA on the picture tower: of the one the texts go through the tower, of the other they are embedded once. */
const file = (name: string): string => `
version: 1
name: ${name}
model: clip
dataset: colours
training:
  stepsPerShot: 3
  batchSize: 3
  learningRate: 0.01
  threads: 1
  pictures: { template: 'a photo of a {} square .' }
seeds: [1, 2]
shots: [2, 1]
arms:
  - { name: LoRA, adapter: { method: lora, rank: 2, alpha: 4, targetModules: [q_proj, v_proj] } }
  - name: NoRA
    adapter:
      method: nora
      outerRank: 6
      innerRank: 2
      alpha: 4
      calibrationBatches: 1
      targetModules: vision_model.*(q_proj|v_proj)
matching: { by: trained-parameters, tolerance: 0.5 }
tuning: { sweep: { settings: { learningRate: { values: [0.001, 0.01] } } }, heldOutFraction: 0.25 }
`;

const create = async (name: string): Promise<{ id: string; accept: string }> => {
  const path = join(line.directory, `${name}.yaml`);
  writeFileSync(path, file(name));
  const { document } = await line.noraJson('comparison', 'create', path);
  const { id, confounds } = document as Comparison;
  return { id, accept: confounds.map((confound) => confound.name).join(',') };
};

/** What it comes to, without what is another one each time: ids and times. */
const numbersOf = ({ sentence, metrics, shotCurves }: ComparisonAnswer): unknown => ({
  sentence,
  shotCurves,
  metrics: metrics.map(({ arms, pairs, confusions, ...metric }) => ({
    ...metric,
    pairs,
    confusions,
    arms: arms.map(({ runs, ...arm }) => ({ ...arm, runs: runs.map(({ seed, score }) => [seed, score]) })),
  })),
});

describe('a comparison over shots and seeds, through real trainers', () => {
  let whole: { comparison: Comparison; answer: ComparisonAnswer };

  test('is matched, tuned on other pictures than it reports on, trained, scored and answered', async () => {
    const { id, accept } = await create('whole');
    const done = await line.noraJson('comparison', 'run', id, '--accept', accept);
    whole = done.document as typeof whole;
    const { comparison, answer } = whole;
    expect(comparison.status).toBe('completed');
    expect(comparison.budgets!.arms.map(({ isMatched }) => isMatched)).toEqual([true, true]);
    expect(comparison.tuning!.chosen.map(({ arm, shots }) => [arm, shots])).toEqual([
      ['LoRA', 1],
      ['NoRA', 1],
      ['LoRA', 2],
      ['NoRA', 2],
    ]);
    const runs = comparison.runs.filter(({ role }) => role === 'final');
    expect(runs.map(({ arm, shots, seed, steps }) => [arm, shots, seed, steps])).toEqual(
      [1, 2].flatMap((shots) =>
        [1, 2].flatMap((seed) => ['LoRA', 'NoRA'].map((arm) => [arm, shots, seed, 3 * shots])),
      ),
    );
    const trial = comparison.runs.find(({ role, shots }) => role === 'tuning' && shots === 2)!;
    const shown = (await line.noraJson('run', 'show', trial.runId)).document as { notices: string[] };
    expect(shown.notices.join()).toContain(
      'measured on 6, the few to validate with: settings are tuned by them',
    );

    // What the runs measured themselves, on the same pictures.
    for (const run of runs) {
      const scored = comparison.assessments.find(({ runId }) => runId === run.runId)!;
      expect(scored).toMatchObject({ shots: run.shots, items: 12 });
      expect(scored.scores.loss).toBeCloseTo(run.loss!, 5);
    }
    expect(comparison.assessments.filter(({ arm }) => arm === null)).toHaveLength(1);

    const [curve] = answer.shotCurves.filter(({ metric }) => metric === 'accuracy');
    expect(curve!.decides).toBe(true);
    expect(curve!.arms.map(({ points }) => points.map(({ shots, runs: count }) => [shots, count]))).toEqual([
      [
        [1, 2],
        [2, 2],
      ],
      [
        [1, 2],
        [2, 2],
      ],
    ]);
    expect(curve!.base!.score).toBe(comparison.assessments.find(({ arm }) => arm === null)!.scores.accuracy);
    expect(answer.sentence).toMatch(/^On accuracy \(held-out\) .* zero-shot /);
  }, 900_000);

  test('shows the pictures of each cell of a confusion table', async () => {
    const { id } = whole.comparison;
    const of = whole.answer.metrics.find(({ metric, shots }) => metric === 'f1' && shots === 1)!;
    const { classes, subjects } = of.confusions!;
    expect(classes).toEqual(['blue', 'green', 'red']);
    const base = subjects.find(({ arm }) => arm === null)!;
    for (const [row, expected] of classes.entries())
      for (const [column, said] of classes.entries()) {
        const page = (await line.noraJson('comparison', 'items', id, '--cell', `${expected}=${said}`))
          .document as ItemsPage;
        expect(page.total).toBe(base.counts[row]![column]);
        for (const { prompt } of page.items) expect(prompt).toMatch(new RegExp(`^test/${expected}/`));
        if (row > 0) break;
      }
    for (const [words, message] of [
      [['--cell', 'bleu=red'], 'cell: no item is of "bleu"; did you mean blue?'],
      [
        ['--cell', 'blue=red', '--arm', 'LoRA', '--shots', '7'],
        'cell: "LoRA" at 7 shots was not scored here',
      ],
    ] as const) {
      const refused = await line.nora('comparison', 'items', id, ...words);
      expect(refused.stderr).toContain(message);
    }
  }, 900_000);

  test('goes on after it was killed, while it trains and while it scores, to the same answer', async () => {
    const { id, accept } = await create('killed');
    for (const [at, more] of [
      [/NoRA, 1 shot, seed 1: completed/, ['--accept', accept]],
      [/scoring/, []],
    ] as const) {
      const begun = line.startGroup('comparison', 'run', id, ...more);
      await begun.said(at);
      process.kill(-begun.child.pid!, 'SIGKILL');
      await begun.ended;
    }
    const done = await line.noraJson('comparison', 'run', id);
    const { comparison, answer } = done.document as typeof whole;
    expect(comparison.status).toBe('completed');
    expect(numbersOf(answer)).toEqual(numbersOf(whole.answer));
  }, 900_000);

  test('is reported with its curve, every class and every number of shots', async () => {
    const { id } = whole.comparison;
    const html = (await line.nora('compare', id, '--format', 'html')).stdout;
    expect(html).toContain('accuracy, held-out, by shots');
    expect(html).toContain('The line across is zero-shot');
    const csv = (await line.nora('compare', id, '--format', 'csv')).stdout;
    expect(csv.split(/\r?\n/)[0]).toBe('task,metric,shots,arm,other,seed,run_id,at,quantity,value,unit');
    expect(csv).toMatch(/held-out,accuracy,2,NoRA,,,,,mean,/);
    const text = (await line.nora('compare', id)).stdout;
    expect(text).toMatch(/zero-shot +\S+ %/);
  }, 900_000);

  test('of texts has no axis of shots; one of pictures none that a class has too few for', async () => {
    const path = join(line.directory, 'texts.yaml');
    writeFileSync(
      path,
      file('texts').replace('dataset: colours', 'dataset: sample').replace('model: clip', 'model: sample'),
    );
    const refused = await line.nora('comparison', 'create', path);
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain('shots: "sample" has rows of text, which have no shots; leave it out');
    writeFileSync(path, file('many').replace('shots: [2, 1]', 'shots: [1, 8]'));
    const many = await line.nora('comparison', 'create', path);
    expect(many.stderr).toContain(
      'shots: the class "blue" has 8 pictures to train on, and 8 shots take 12, 4 of them to validate with',
    );
  }, 900_000);
});
