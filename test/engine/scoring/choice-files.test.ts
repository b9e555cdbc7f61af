import { describe, expect, it, test } from 'vitest';
import { parseDataset } from '../../../main/engine/data/files/dataset-file.ts';
import { choicePrompts } from '../../../main/engine/scoring/choices/prompts.ts';
import { readChoices } from '../../../main/engine/scoring/choices/read-choices.ts';

const read = (...rows: readonly object[]) =>
  readChoices(
    parseDataset(Buffer.from(rows.map((row) => JSON.stringify(row)).join('\n')), 'questions.jsonl'),
  );

const adapters = (question: string, answer: string): object => ({
  instruction: `Please choose the correct answer to the question: ${question}`,
  input: '',
  output: `the correct answer is ${answer}`,
  answer,
});

/** Rows in the forms that LLM-Adapters publishes, written for these tests. */
const published = {
  answers: adapters(
    'Which ship\nis white? Answer: none\n\nAnswer1: the Pequod Answer2: a boat: Answer 3 Answer3: none\n\nAnswer format: answer1/answer2/answer3',
    'answer2',
  ),
  solutions: {
    instruction:
      'Please choose the correct solution to the question: rope\n\nSolution1: tie it \n\nSolution2: eat it\n\nAnswer format: solution1/solution2',
    answer: 'solution1',
  },
  options: {
    instruction:
      'Please choose the correct answer to fill in the blank to complete the given sentence: Ahab hunts while _ sleeps.\n\nOption1: Starbuck Option2: the sea Answer format: option1/option2',
    answer: 'option1',
  },
  truth: {
    instruction:
      'Please answer the following question with true or false, question: is a whale a fish?\n\nAnswer format: true/false',
    answer: 'false',
  },
};

describe('files of LLM-Adapters', () => {
  it('gives question and choices back', () => {
    const { form, items } = read(published.answers);
    expect(items[0]).toMatchObject({
      question: 'Which ship\nis white? Answer: none',
      choices: ['the Pequod', 'a boat: Answer 3', 'none'],
      labels: ['answer1', 'answer2', 'answer3'],
      answer: 1,
    });
    expect(form.open).toMatch(/does not say whether it is ARC, OpenBookQA or SIQA/);
    expect(read(published.solutions).items[0]).toMatchObject({
      question: 'rope',
      choices: ['tie it', 'eat it'],
    });
  });
  it('writes the row that would be right, for the prompt as trained', () => {
    const { items } = read(published.answers);
    expect(items[0]!.rowFor(2)).toMatchObject({ output: 'the correct answer is answer3', answer: 'answer3' });
  });
  it('puts WinoGrande so that what follows the blank is scored, and BoolQ as a question without its passage', () => {
    const [wino] = read(published.options).items;
    expect(choicePrompts.winogrande.put(wino!, wino!.choices[1]!)).toEqual({
      context: 'Ahab hunts while the sea',
      continuation: ' sleeps.',
    });
    const { form, items } = read(published.truth);
    expect(form.notice).toMatch(/lack the passage.*not comparable/);
    expect(choicePrompts.boolq.put(items[0]!, items[0]!.choices[1]!)).toEqual({
      context: 'Question: is a whale a fish?\nAnswer:',
      continuation: ' no',
    });
  });
});

test('a plain answer is a text, a letter or a number', () => {
  const choices = ['red', 'green', 'blue'];
  for (const answer of ['green', 'B', 1, '1'])
    expect(read({ question: 'Which?', choices, answer }).items[0]!.answer).toBe(1);
});

const broken: readonly [string, object, RegExp][] = [
  ['no answer', { ...published.solutions, answer: '' }, /line 1: the answer is none of the choices/],
  [
    'an answer that is no choice',
    { question: 'Which?', choices: ['a', 'b'], answer: 'c' },
    /questions\.jsonl, line 1: the answer is none of the choices \(a, b\)/,
  ],
  ['one choice', { question: 'Which?', choices: ['a'], answer: 'a' }, /line 1: has 1 choice/],
  ['an empty choice', { question: 'Which?', choices: ['a', ' '], answer: 'a' }, /line 1: choice .* is empty/],
  ['an empty question', { question: ' ', choices: ['a', 'b'], answer: 'a' }, /the question is empty/],
  [
    'a name without its choice',
    {
      instruction:
        'Please choose the correct answer to the question: Which?\n\nAnswer1: a\n\nAnswer format: answer1/answer2',
      answer: 'answer1',
    },
    /line 1, instruction: has no "Answer2:"/,
  ],
  [
    'no known form',
    { text: 'Call me Ishmael.' },
    /no known form of multiple choice questions has the columns text/,
  ],
];
test.each(broken)('refuses %s, naming file and line', (_, row, message) => {
  expect(() => read(row)).toThrow(message);
});

test('refuses a row in another form than the first, and a sentence without a blank', () => {
  expect(() => read(published.answers, { question: 'Which?', choices: ['a', 'b'], answer: 'a' })).toThrow(
    /line 2: is not in the form of the file's first row/,
  );
  const [item] = read({ sentence: 'No blank here.', option1: 'a', option2: 'b', answer: '1' }).items;
  expect(() => choicePrompts.winogrande.put(item!, 'a')).toThrow(/line 1: the sentence has no blank/);
});
