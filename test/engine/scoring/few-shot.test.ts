import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { readDatasetFile } from '../../../main/engine/data/files/dataset-file.ts';
import { loadTokenizer } from '../../../main/engine/data/tokens/tokenizer.ts';
import { answerRules } from '../../../main/engine/scoring/answer-rules/rules.ts';
import { prepareAnswers } from '../../../main/engine/scoring/answers/prepare-answers.ts';
import { prepareChoices } from '../../../main/engine/scoring/choices/prepare-choices.ts';
import { pythonRandom } from '../../../main/engine/scoring/examples/python-random.ts';
import { answersTaskSchema, choicesTaskSchema } from '../../../main/engine/scoring/task.ts';
import { sampleModel, scored } from '../../trainer/scored.ts';

const fixtures = join(import.meta.dirname, 'fixtures');
const file = (name: string): string => join(fixtures, `${name}.jsonl`);

interface ShownItem {
  readonly contexts: readonly string[];
  readonly logLikelihoods?: readonly number[];
}
/** Of make-few-shot-reference.py. */
const reference = JSON.parse(readFileSync(join(fixtures, 'few-shot.json'), 'utf8')) as {
  readonly shots: Readonly<Record<string, number>>;
  readonly tasks: Readonly<Record<string, readonly ShownItem[]>>;
};

const samplers = [
  ['first_n', null],
  ['default', 1234],
] as const;

const examplesFor = (name: string, seed: number | null) => ({
  file: file(`few-shot.${name}`),
  count: reference.shots[name]!,
  seed,
});

const tokenizer = loadTokenizer(sampleModel);
/** As a text of its own has them. */
const encode = (text: string): number[] => tokenizer.encode(text, { addSpecialTokens: true });

describe.each(samplers)(
  'examples as lm-evaluation-harness 0.4.13 shows them, sampler %s',
  (sampler, seed) => {
    const choices = ['arc_easy', 'winogrande'];
    const tasks = choices.map((name) => ({
      kind: 'choices',
      name,
      file: file(name),
      examples: examplesFor(name, seed),
    }));

    it.each(choices)('before the choices of %s, letter by letter', (name) => {
      const task = choicesTaskSchema.parse(tasks.find((each) => each.name === name));
      const { likelihood } = prepareChoices({
        task,
        tokenizer,
        dataset: readDatasetFile(task.file),
        positions: 100_000,
        format: null,
        examples: readDatasetFile(task.examples!.file),
      });
      const items = reference.tasks[`${name}_${sampler}`]!;
      expect(likelihood).toHaveLength(items.length);
      for (const [index, { sequences }] of likelihood.entries())
        for (const [choice, { inputIds }] of sequences.entries()) {
          const context = items[index]!.contexts[choice]!;
          expect(tokenizer.decode([...inputIds]).startsWith(tokenizer.decode(encode(context)))).toBe(true);
        }
    });

    it('with the same log-likelihoods', async () => {
      const { items } = await scored({ tasks });
      for (const name of choices) {
        const found = items(name).toSorted((a, b) => a.item - b.item);
        for (const [index, { logLikelihoods }] of reference.tasks[`${name}_${sampler}`]!.entries()) {
          const ours = (found[index]!.detail as { logLikelihoods: number[] }).logLikelihoods;
          for (const [choice, value] of logLikelihoods!.entries())
            expect(Math.abs(ours[choice]! - value)).toBeLessThan(1e-4);
        }
      }
    });

    it('before questions of gsm8k, letter by letter', () => {
      const task = answersTaskSchema.parse({
        kind: 'answers',
        name: 'gsm8k',
        file: file('few-shot.gsm8k.test'),
        rule: 'gsm8k-flexible',
        maximumTokens: 4,
        examples: examplesFor('gsm8k', seed),
      });
      const { written, facts } = prepareAnswers({
        task,
        tokenizer,
        dataset: readDatasetFile(task.file),
        positions: 100_000,
        format: answerRules[task.rule].shownAs!,
        date: new Date(0),
        examples: readDatasetFile(task.examples!.file),
      });
      const items = reference.tasks[`gsm8k_${sampler}`]!;
      expect(written.map(({ ids }) => [...ids])).toEqual(items.map(({ contexts }) => encode(contexts[0]!)));
      expect(written[0]!.judge({ text: '8', finish: 'end' }).prompt).toBe(
        'Question: Five men row, three rest. How many men are there?\nAnswer:',
      );
      expect(facts.notices.join()).toMatch(/gsm8k.jsonl are shown before each question/);
      expect(facts.notices.join()).not.toMatch(/without examples/);
    });
  },
);

test('rows are drawn as Python 3.11 draws them', () => {
  // random.Random(seed).sample(range(size), count), one after the other
  const of1234 = pythonRandom(1234);
  expect(of1234.sample(7473, 5)).toEqual([6374, 3610, 957, 61, 742]);
  expect(of1234.sample(7473, 5)).toEqual([7462, 6610, 4769, 286, 5501]);
  expect(of1234.sample(3, 2)).toEqual([2, 0]);
  expect(of1234.sample(21, 5)).toEqual([3, 11, 7, 0, 17]);
  expect(of1234.sample(50, 8)).toEqual([1, 22, 41, 39, 30, 46, 29, 9]);
  expect(of1234.sample(100, 8)).toEqual([11, 23, 91, 14, 1, 64, 62, 31]);
  expect(of1234.sample(1, 1)).toEqual([0]);
  for (let draws = 0; draws < 300; draws++) of1234.sample(7473, 5);
  expect(of1234.sample(7473, 5)).toEqual([2232, 3548, 6009, 121, 7179]);
  expect(pythonRandom(2 ** 32 - 1).sample(7473, 5)).toEqual([5204, 5075, 1664, 1764, 4975]);
});

describe('refuses by name', () => {
  const arc = { kind: 'choices', name: 'arc', file: file('arc_easy') };
  it.each([
    [
      'examples that are scored',
      { ...arc, examples: { file: file('arc_easy'), count: 1 } },
      /arc_easy.jsonl, line 1: this example is scored too \(arc_easy.jsonl, line 1\)/,
    ],
    [
      'more examples than there are',
      { ...arc, examples: { file: file('few-shot.arc_easy'), count: 9 } },
      /few-shot.arc_easy.jsonl: has 7 rows, and 9 are to be shown/,
    ],
    [
      'examples in a prompt of training',
      { ...arc, prompt: 'as-trained', examples: { file: file('few-shot.arc_easy'), count: 1 } },
      /task arc: the prompt "as-trained" is that of training, which shows no examples/,
    ],
  ])('%s', async (_, task, message) => {
    await expect(scored({ tasks: [task] })).rejects.toThrow(message);
  });
});
