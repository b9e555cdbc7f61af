import { describe, expect, test } from 'vitest';
import type { Model, TaskInput } from '../../main/api/contract.ts';
import { findTaskProblems } from '../../renderer/source/screens/new-comparison/task-problems.ts';
import { encoder, sampleModel } from './support/fake-entities.ts';

const classifier: Model = { ...sampleModel, name: 'bert', ...encoder };
const classes = { kind: 'classification', text: 'text', label: 'label' } as const;
const chat = { kind: 'chat', column: 'messages' } as const;
const asked = { kind: 'prompt-completion', prompt: 'question', completion: 'answer' } as const;
const examples = { file: '/data/train.jsonl', count: 5 };
const answers = { kind: 'answers', name: 'a', file: '/data/a.jsonl', rule: 'exact-match' } as const;
const choices = { kind: 'choices', name: 'c', file: '/data/c.jsonl' } as const;
const text = { kind: 'text', name: 't', file: '/data/t.jsonl' } as const;

describe('what fields of tasks say against each other', () => {
  test.each<[string, TaskInput, Model, Record<string, string>]>([
    [
      'rows with classes for a model that writes',
      { ...text, format: classes },
      sampleModel,
      { 'tasks.0.format': `Has a class for each row; ${sampleModel.name} predicts tokens.` },
    ],
    [
      'choices for a classifier',
      { ...choices },
      classifier,
      { 'tasks.0.kind': "bert can't be asked this: remove the task, or choose another model." },
    ],
    [
      'classes for a model that writes',
      { kind: 'classes', name: 'k', file: '/data/k.jsonl' },
      sampleModel,
      {
        'tasks.0.kind': `${sampleModel.name} can't be asked this: remove the task, or choose another model.`,
      },
    ],
    [
      'conversations for a classifier',
      { ...text, format: chat },
      classifier,
      { 'tasks.0.format': 'bert is a classifier and needs a class for each row.' },
    ],
    [
      'plain text to be answered',
      { ...answers, format: { kind: 'text', column: 'text' } },
      sampleModel,
      { 'tasks.0.format': 'No part of such rows is for the model to write.' },
    ],
    [
      'examples in conversations',
      { ...answers, format: chat, examples },
      sampleModel,
      { 'tasks.0.format': 'Examples are shown in rows of prompt and completion.' },
    ],
    [
      'conversations as prompts of training, with examples',
      { ...choices, prompt: 'as-trained', format: chat, examples },
      sampleModel,
      {
        'tasks.0.prompt': 'It shows no examples: leave out one of the two.',
        'tasks.0.format': 'The prompt of training needs a prompt and a completion.',
      },
    ],
    ['what goes together', { ...answers, format: asked, examples }, sampleModel, {}],
    ['a format that does not count', { ...choices, prompt: 'arc', format: chat, examples }, sampleModel, {}],
  ])('%s', (_, task, model, problems) => {
    expect(findTaskProblems([task], model)).toEqual(problems);
  });
});
