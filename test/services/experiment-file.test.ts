import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseExperiment, readExperimentFile } from '../../main/services/experiments/experiment-file.ts';
import { refusedInTime } from '../support/refused-in-time.ts';
import { WorkbenchError } from '../../main/engine/errors.ts';
import { root } from '../support/paths.ts';
import { oneOfMethods } from '../support/method-names.ts';

const good = `version: 1
name: Try
model: sample
dataset: sea
training:
  steps: 20
  learningRate: 2e-4
configurations:
  - name: LoRA
    adapter:
      method: lora
      rank: 8
  - name: NoRA
    adapter: { method: nora, outerRank: 64 }
`;

const messageOf = (text: string): string => {
  try {
    parseExperiment(text, 'experiment.yaml');
  } catch (error) {
    expect(error).toBeInstanceOf(WorkbenchError);
    expect((error as WorkbenchError).code).toBe('invalid-input');
    expect((error as WorkbenchError).message).not.toContain('\n');
    return (error as WorkbenchError).message;
  }
  throw new Error('was read');
};

describe('a good file', () => {
  test('is read whole, defaults filled in', () => {
    const definition = parseExperiment(good, 'experiment.yaml');
    expect(definition).toMatchObject({
      name: 'Try',
      seed: 0,
      training: { steps: 20, learningRate: 0.0002, schedule: 'linear' },
      configurations: [
        { name: 'LoRA', adapter: { method: 'lora', rank: 8, alpha: 32 } },
        { name: 'NoRA', adapter: { method: 'nora', outerRank: 64, innerRank: 16 } },
      ],
    });
  });

  test('has a length in steps, epochs or tokens, and may end before it', () => {
    const training = (text: string) =>
      parseExperiment(good.replace('steps: 20', text), 'experiment.yaml').training;
    expect(training('epochs: 3')).toMatchObject({ epochs: 3 });
    expect(training('epochs: 3').steps).toBeUndefined();
    expect(training('maxTokens: 50000')).toMatchObject({ maxTokens: 50_000 });
    expect(training('packing: true')).toMatchObject({ steps: 100 });
    expect(training('evaluateEvery: 5\n  keepBest: true\n  earlyStopping: { patience: 2 }')).toMatchObject({
      evaluateEvery: 5,
      keepBest: true,
      earlyStopping: { patience: 2, minDelta: 0 },
    });
  });

  test('ships as the demo', () => {
    const demo = readExperimentFile(join(root, 'main/sample/demo.yaml'));
    expect(demo.configurations.map(({ adapter }) => adapter.method)).toEqual(['lora', 'lora', 'nora']);
  });
});

describe('a wrong file is named with line and field', () => {
  test.each<[string, string, string]>([
    [
      'a wrong number',
      good.replace('steps: 20', 'steps: 0'),
      'line 6: training.steps: expected at least 1, not 0',
    ],
    [
      'a wrong type',
      good.replace('rank: 8', 'rank: eight'),
      'line 12: configurations[0].adapter.rank: expected a number, not "eight"',
    ],
    [
      'in a flow mapping',
      good.replace('outerRank: 64', 'outerRank: 1.5'),
      'line 14: configurations[1].adapter.outerRank: expected a whole number or text, not 1.5',
    ],
    [
      'two lengths',
      good.replace('steps: 20', 'steps: 20\n  epochs: 2'),
      "line 7: training.epochs: steps is given too; a run's length is one of steps, epochs, maxTokens and stepsPerShot",
    ],
    [
      'early stopping without evaluations',
      good.replace('steps: 20', 'earlyStopping: { patience: 2 }'),
      'line 5: training.evaluateEvery: early stopping needs evaluations during training: at least 1, not 0',
    ],
    ['an unknown field', good.replace('steps: 20', 'stepps: 20'), 'line 6: training.stepps: no such field'],
    [
      'an unknown method',
      good.replace('method: lora', 'method: magic'),
      `line 11: configurations[0].adapter.method: expected ${oneOfMethods}, not "magic"`,
    ],
    [
      'a missing field inside',
      good.replace('  - name: LoRA\n    adapter', '  - adapter'),
      'line 9: configurations[0].name: missing, expected text',
    ],
    ['another version', good.replace('version: 1', 'version: 2'), 'line 1: version: expected 1, not 2'],
    [
      'no configurations',
      good.replace(/configurations:[^]*/, 'configurations: []\n'),
      'line 8: configurations: expected at least 1 item, not an empty list',
    ],
    [
      'two of a name',
      good.replace('name: NoRA', 'name: LoRA'),
      'line 8: configurations: two configurations have the same name',
    ],
    [
      'two problems',
      good.replace('steps: 20', 'steps: 0').replace('rank: 8', 'rank: 0'),
      'line 6: training.steps: expected at least 1, not 0; line 12: configurations[0].adapter.rank: expected at least 1, not 0',
    ],
    [
      'a field twice',
      good.replace('model: sample', 'model: a\nmodel: b'),
      'line 4: not YAML: Map keys must be unique',
    ],
    [
      'broken syntax',
      good.replace('name: Try', 'name: Try: again'),
      'line 2: not YAML: Nested mappings are not allowed in compact mappings',
    ],
    [
      'a field whose name is none',
      good.replace('name:', '? { steps: 3 }\n: 4\nname:'),
      'line 2: the name of a field is a list or has fields of its own; it has to be text',
    ],
    ['tabs', good.replace('  steps', '\tsteps'), 'line 6: not YAML: Tabs are not allowed as indentation'],
  ])('%s', (_, text, message) => {
    expect(messageOf(text)).toBe(`experiment.yaml, ${message}`);
  });

  test.each<[string, string, string]>([
    ['a missing field at the top', good.replace('model: sample\n', ''), 'model: missing, expected text'],
    ['an empty file', '', 'is empty'],
    ['only a comment', '# nothing\n', 'is empty'],
    ['a list', '- 1\n- 2\n', 'expected fields, not a list'],
    ['plain text', 'hello', 'expected fields, not "hello"'],
  ])('%s, without a line', (_, text, message) => {
    expect(messageOf(text)).toBe(`experiment.yaml: ${message}`);
  });

  test('aliases that multiply are refused', () => {
    const levels = 'abcdefghi'.split('').map((name, index, all) => {
      const before = all[index - 1];
      return `${name}: &${name} [${Array.from({ length: 10 }, () => (before === undefined ? 'x' : `*${before}`)).join(', ')}]`;
    });
    expect(messageOf(levels.join('\n'))).toBe(
      'experiment.yaml: Excessive alias count indicates a resource exhaustion attack',
    );
  });

  test('names like __proto__ are just unknown fields', () => {
    expect(messageOf(`${good}__proto__: 1\n`)).toBe('experiment.yaml, line 15: __proto__: no such field');
  });
});

test('a file that is not there, or is a folder', () => {
  const directory = mkdtempSync(join(tmpdir(), 'nora-yaml-'));
  const missing = join(directory, 'missing.yaml');
  expect(() => readExperimentFile(missing)).toThrow(
    new WorkbenchError('not-found', `${missing}: no such file`),
  );
  expect(() => readExperimentFile(directory)).toThrow(
    new WorkbenchError('invalid-input', `${directory}: is a folder, not a file`),
  );
  rmSync(directory, { recursive: true });
});

describe('a search', () => {
  const searching = (sweep: string): string =>
    good.replace('configurations:', `sweep:\n${sweep}\nconfigurations:`);

  test('makes a configuration of each point, one queue', () => {
    const { configurations } = parseExperiment(
      searching(
        '  settings:\n    learningRate: { values: [1e-4, 3e-4] }\n    adapter.innerRank: { values: [4, 8] }',
      ),
      'experiment.yaml',
    );
    expect(configurations.map(({ name }) => name)).toEqual([
      "LoRA · lr 1e-4, r' 4",
      "LoRA · lr 3e-4, r' 4",
      "NoRA · lr 1e-4, r' 4",
      "NoRA · lr 1e-4, r' 8",
      "NoRA · lr 3e-4, r' 4",
      "NoRA · lr 3e-4, r' 8",
    ]);
    expect(configurations[5]).toMatchObject({ adapter: { innerRank: 8 }, training: { learningRate: 3e-4 } });
  });

  test('draws so many at random, the same every time', () => {
    const text = searching(
      '  search: random\n  trials: 3\n  settings: { learningRate: { logRange: [1e-5, 1e-2] } }',
    );
    const { configurations } = parseExperiment(text, 'experiment.yaml');
    expect(configurations).toHaveLength(6);
    expect(parseExperiment(text, 'experiment.yaml').configurations).toEqual(configurations);
  });

  test.each([
    [
      '  settings: { learningRat: { values: [1] } }',
      'experiment.yaml, line 8: sweep.settings: "learningRat" is no setting; did you mean learningRate?',
    ],
    [
      '  search: random\n  settings: { learningRate: { values: [1] } }',
      'experiment.yaml, line 8: sweep.trials: a random search',
    ],
    [
      '  settings:\n    learningRate: { logRange: [1e-3, 1e-5] }',
      'experiment.yaml, line 10: sweep.settings.learningRate.logRange: expected the smaller number first',
    ],
    [
      '  search: halving\n  trials: 9\n  settings: { learningRate: { values: [1] } }',
      'experiment.yaml, line 8: sweep.search: halving chooses by the results of each round',
    ],
    [
      '  settings:\n    adapter.alpha: { range: [1, 60], points: 60 }',
      'experiment.yaml, line 8: sweep: comes to 120 configurations, an experiment has at most 100',
    ],
    [
      '  settings: { adapter.dropout: { values: [2] } }',
      'experiment.yaml, line 8: adapter: dropout: expected at least 0',
    ],
  ])('says in which line it is wrong: %s', (sweep, message) => {
    expect(messageOf(searching(sweep))).toContain(message);
  });
});

describe('a file that is made to harm', () => {
  const aliases = ['a: &a0 [x, x, x, x, x, x, x, x, x, x]'];
  for (let level = 1; level < 12; level++)
    aliases.push(
      `a${level}: &a${level} [${Array(10)
        .fill(`*a${level - 1}`)
        .join(', ')}]`,
    );

  test.each([
    ['aliases that multiply', aliases.join('\n'), 'Excessive alias count'],
    ['lists in lists', '['.repeat(100_000), 'has lists or fields too deep within each other'],
    ['fields in fields', '{a: '.repeat(100_000), 'has lists or fields too deep within each other'],
    ['lists by dashes', '- '.repeat(100_000), 'has lists or fields too deep within each other'],
    ['a megabyte and more', `name: ${'x'.repeat(1_000_000)}`, 'a definition may have 1,000,000'],
    [
      'keys that JavaScript knows',
      `${good}toString: 2
constructor: 1`,
      'toString: no such field',
    ],
  ])('%s', (_, text, told) => refusedInTime(() => parseExperiment(text, 'a.yaml'), told));
});
