import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ScoreName } from '../../../main/engine/scoring/scores.ts';
import { comparisonDefinitionSchema } from '../../../main/services/comparisons/definition.ts';
import type { Workbench } from '../../../main/services/workbench.ts';
import { openDatabase } from '../../../main/store/open-database.ts';
import { createWorld, endCompleted, type World } from '../test-world.ts';

let world: World;
let workbench: Workbench;
beforeEach(async () => {
  world = createWorld();
  workbench = world.open();
  await world.stock(workbench);
});
afterEach(async () => {
  await workbench.close({ graceMilliseconds: 0 });
  world.remove();
});

const completed = async (): Promise<string> => {
  const { id, confounds } = await workbench.comparisons.create({
    definition: comparisonDefinitionSchema.parse({
      version: 1,
      name: 'answered',
      model: 'tiny',
      dataset: 'sea',
      training: { steps: 8, sequenceLength: 32 },
      arms: [
        { name: 'lora', adapter: { method: 'lora', rank: 4, alpha: 8 } },
        { name: 'nora', adapter: { method: 'nora', outerRank: 4, innerRank: 4, alpha: 8 } },
      ],
      seeds: [1, 2],
      sideBySide: 1,
      diagnostics: null,
    }),
  });
  workbench.comparisons.start({ id, accept: confounds.map(({ name }) => name) });
  for (let index = 0; index < 4; index++) endCompleted(await world.trainers.nth(index));
  const job = await world.trainers.nth(4);
  const [command] = job.commands;
  if (command?.type !== 'score') throw new Error(`asked to ${command?.type}`);
  for (const [index, { id: subject }] of command.specification.subjects.entries())
    job.emit({
      type: 'scored-items',
      subject,
      task: 'held-out',
      items: [0, 1, 2].map((item) => ({
        ...{ item, prompt: null, expected: null, answer: null, weight: 1, detail: null },
        values: { loss: 3 - index / 10 + item } as Record<ScoreName, number>,
      })),
    });
  job.end({ type: 'scored', items: 1, seconds: 1 });
  await workbench.waitForComparison(id);
  return id;
};

const sentences = (): (string | null)[] => workbench.comparisons.list().items.map(({ sentence }) => sentence);

test('an answer is worked out once, and the list says it from then on, after a restart too', async () => {
  const id = await completed();
  expect(sentences()).toEqual([null]);
  const answer = workbench.comparisons.answer({ id });
  expect(sentences()).toEqual([answer.sentence]);
  await workbench.close({ graceMilliseconds: 0 });
  workbench = world.open();
  expect(sentences()).toEqual([answer.sentence]);
  // A mark on what is kept shows that it is what is given.
  change("UPDATE comparison_answers SET answer = json_set(answer, '$.sentence', 'kept')");
  expect(workbench.comparisons.answer({ id }).sentence).toBe('kept');
});

test('one number that changes is another answer', async () => {
  const id = await completed();
  const before = workbench.comparisons.answer({ id });
  change(`UPDATE item_results SET scores = json_set(scores, '$.loss', 99)
    WHERE item = 1 AND assessment_id = (SELECT id FROM assessments WHERE run_id IS NOT NULL LIMIT 1)`);
  const after = workbench.comparisons.answer({ id });
  expect(after.metrics[0]!.arms[0]!.mean).toBeGreaterThan(before.metrics[0]!.arms[0]!.mean!);
  expect(workbench.comparisons.answer({ id })).toEqual(after);
});

test('a score that is made anew is not told with the old sentence', async () => {
  const id = await completed();
  workbench.comparisons.answer({ id });
  change("UPDATE assessments SET ended_at = '2030-01-01T00:00:00Z' WHERE run_id IS NOT NULL");
  expect(sentences()).toEqual([null]);
});

test('an answer of another form is worked out anew', async () => {
  const id = await completed();
  const answer = workbench.comparisons.answer({ id });
  change("UPDATE comparison_answers SET answer = '{}'");
  expect(workbench.comparisons.answer({ id })).toEqual(answer);
});

/** As only another program could: behind the workbench's back. */
const change = (sql: string): void => {
  const database = openDatabase(world.path('data'));
  database.exec(sql);
  database.close();
};
