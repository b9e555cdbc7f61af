import { join } from 'node:path';
import { expect, test } from 'vitest';
import { comparisonDefinitionSchema } from '../../../../main/services/comparisons/definition.ts';
import { portableDefinition } from '../../../../main/services/comparisons/evidence/portable-definition.ts';

const filesOf = (files: readonly string[]): unknown[] => {
  const definition = comparisonDefinitionSchema.parse({
    ...{ version: 1, name: 'paths', model: 'tiny', dataset: 'sea', training: { steps: 1 } },
    arms: [
      { name: 'a', adapter: { method: 'lora', rank: 1, alpha: 1 } },
      { name: 'b', adapter: { method: 'lora', rank: 2, alpha: 1 } },
    ],
    tasks: files.map((file, index) => ({ kind: 'choices', name: `task ${index}`, file })),
  });
  return portableDefinition(definition).tasks.flatMap((task) => ('file' in task ? [task.file] : []));
};

const home = join('/home', 'somebody', 'data');

test.each([
  ['one file', ['a.json'], ['a.json']],
  ['one folder', ['a.json', 'b.json'], ['a.json', 'b.json']],
  ['a folder in it', ['a.json', 'more/b.json'], ['a.json', 'more/b.json']],
  ['the same name twice', ['one/test.json', 'two/test.json'], ['one/test.json', 'two/test.json']],
  [
    'names that begin alike',
    ['one/test.json', 'one-more/test.json'],
    ['one/test.json', 'one-more/test.json'],
  ],
  ['none', [], []],
])('files are named from the folder that has them all: %s', (_, files, portable) => {
  expect(filesOf(files.map((file) => join(home, file)))).toEqual(portable);
});

test('files of examples too', () => {
  const [, task] = portableDefinition(
    comparisonDefinitionSchema.parse({
      ...{ version: 1, name: 'paths', model: 'tiny', dataset: 'sea', training: { steps: 1 } },
      arms: [
        { name: 'a', adapter: { method: 'lora', rank: 1, alpha: 1 } },
        { name: 'b', adapter: { method: 'lora', rank: 2, alpha: 1 } },
      ],
      tasks: [
        {
          ...{ kind: 'choices', name: 'task', file: join(home, 'test', 'a.json') },
          examples: { file: join(home, 'train', 'a.json'), count: 2 },
        },
      ],
    }),
  ).tasks;
  expect(task).toMatchObject({ file: 'test/a.json', examples: { file: 'train/a.json' } });
});
