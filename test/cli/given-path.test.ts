import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readComparisonFile } from '../../main/cli/comparison-file.ts';
import { givenPath, givenSource } from '../../main/cli/given-path.ts';
import { readTasks } from '../../main/cli/score-options.ts';
import { readTasksFile } from '../../main/cli/tasks-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'nora-given-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a path on the command line', () => {
  test('counts from the working directory, or from the file that names it', () => {
    expect(givenPath('a.jsonl', '--to')).toBe(join(process.cwd(), 'a.jsonl'));
    expect(givenPath('../a.jsonl', '--to', join(folder, 'sub'))).toBe(join(folder, 'a.jsonl'));
    expect(givenPath(join(folder, 'a'), '--to')).toBe(join(folder, 'a'));
  });

  test('has ~ filled in, which shells leave where it is quoted or stands behind =', () => {
    expect(givenPath('~', '--to')).toBe(homedir());
    expect(givenPath('~/out', '--to', folder)).toBe(join(homedir(), 'out'));
    expect(givenPath('./~', '--to', folder)).toBe(join(folder, '~'));
    expect(givenPath('~ben', '--to', folder)).toBe(join(folder, '~ben'));
  });

  test.skipIf(process.platform === 'win32')('may be a file:// address', () => {
    expect(givenPath('file:///data/a%20b', '--to')).toBe('/data/a b');
  });

  test.each(['', '  '])('is not %j, which would be the working directory', (text) => {
    expect(() => givenPath(text, '--to')).toThrow(`--to: expected a path, not ${JSON.stringify(text)}`);
  });
});

describe('a name of the Hub', () => {
  test('is told from a folder that is there', () => {
    mkdirSync(join(folder, 'org/here'), { recursive: true });
    expect(givenSource('org/here', '<folder>', folder)).toBe(join(folder, 'org/here'));
    expect(() => givenSource('org/gone', '<folder>', folder)).toThrow(
      `<folder>: there is no ${join(folder, 'org/gone')}; if that is a name on the Hugging Face Hub, the workbench downloads nothing: run "hf download org/gone"`,
    );
    expect(() => givenSource('https://huggingface.co/org/here', '<folder>', folder)).toThrow(
      '<folder>: org/here is on the Hugging Face Hub, and the workbench downloads nothing: run "hf download org/here"',
    );
  });

  test('is none where it names a file that is missing', () => {
    expect(givenSource('data/gone.jsonl', '<file>', folder)).toBe(join(folder, 'data/gone.jsonl'));
  });
});

describe('files that a YAML file names', () => {
  const tasks = `tasks:
  - { kind: choices, name: near, file: near.jsonl, examples: { file: "~/shots.jsonl", count: 2 } }
  - { kind: text, name: far, file: ../far.jsonl }
`;
  const expected = [
    expect.objectContaining({
      file: join(folder, 'near.jsonl'),
      examples: { file: join(homedir(), 'shots.jsonl'), count: 2, seed: null },
    }),
    expect.objectContaining({ file: join(folder, '../far.jsonl') }),
  ];

  test('are looked for beside it, or at home', () => {
    const path = join(folder, 'tasks.yaml');
    writeFileSync(path, tasks);
    expect(readTasksFile(path)).toEqual(expected);
    expect(readTasks({ tasks: path })).toEqual(expected);
  });

  test('so are those of a comparison', () => {
    const path = join(folder, 'comparison.yaml');
    const arms = ['a', 'b'].map((name) => `  - { name: ${name}, adapter: { method: lora } }`).join('\n');
    writeFileSync(path, `version: 1\nname: c\nmodel: m\ndataset: d\narms:\n${arms}\n${tasks}`);
    expect(readComparisonFile(path).tasks).toEqual([
      expect.objectContaining({ kind: 'held-out' }),
      ...expected,
    ]);
  });

  test('are refused by the name of their task where they are on the Hub', () => {
    const path = join(folder, 'hub.yaml');
    writeFileSync(
      path,
      'tasks:\n  - { kind: text, name: t, file: https://huggingface.co/datasets/org/name }\n',
    );
    expect(() => readTasksFile(path)).toThrow(/^hub\.yaml: task "t": org\/name is on the Hugging Face Hub/);
  });
});
