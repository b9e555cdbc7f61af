import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCommandLine, type CommandLine } from '../cli/nora.ts';

let line: CommandLine;
beforeAll(() => {
  line = createCommandLine();
});
afterAll(() => line.remove());

const file = `
version: 1
name: few steps
model: sample
dataset: sample
training:
  steps: 2
  sequenceLength: 16
  batchSize: 1
seeds: [1, 2]
arms:
  - name: lora
    adapter: { method: lora, rank: 4, alpha: 8, targetModules: [q_proj] }
  - name: too fast
    adapter: { method: lora, rank: 4, alpha: 8, targetModules: [q_proj] }
    training: { learningRate: 10 }
tuning:
  sweep: { settings: { weightDecay: { values: [0, 0.1] } } }
tasks:
  - { kind: held-out, name: held-out, limit: 3 }
  - { kind: choices, name: facts, file: facts.jsonl }
`;

const facts = [
  { question: 'What swims?', choices: { text: ['a whale', 'a chair'], label: ['A', 'B'] }, answerKey: 'A' },
  { question: 'What sails?', choices: { text: ['a stone', 'a ship'], label: ['A', 'B'] }, answerKey: 'B' },
];

describe('a comparison from the command line, through real trainers', () => {
  test('is tuned, trained, scored, answered and reported; Ctrl-C in the middle pauses it', async () => {
    const path = join(line.directory, 'few-steps.yaml');
    writeFileSync(path, file);
    writeFileSync(
      join(line.directory, 'facts.jsonl'),
      facts.map((row) => `${JSON.stringify(row)}\n`).join(''),
    );
    const refused = await line.nora('comparison', 'run', path);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('learning-rate');
    expect((await line.noraJson('comparison', 'list')).document).toEqual([]);
    const { id, confounds } = (await line.noraJson('comparison', 'create', path)).document;
    const names = confounds.map(({ name }: { name: string }) => name).join(',');

    const begun = line.start('comparison', 'run', id, '--accept', names);
    await begun.said(/tuning, trial 1: completed/);
    begun.child.kill('SIGINT');
    const paused = await begun.ended;
    expect(paused.stdout).toContain(`Paused. Go on with: nora comparison run ${id}`);
    expect((await line.noraJson('comparison', 'show', id)).document.status).toBe('paused');

    const done = await line.noraJson('comparison', 'run', id);
    const { comparison, answer } = done.document;
    expect(comparison.status).toBe('completed');
    const finals = comparison.runs.filter(({ role }: { role: string }) => role === 'final');
    expect(finals).toHaveLength(4);
    expect(
      answer.metrics.map(({ task, metric }: { task: string; metric: string }) => `${task} ${metric}`),
    ).toContain('facts accuracy');
    // Every subject was scored on the same three held-out rows.
    const page = (await line.noraJson('comparison', 'items', id, '--task', 'held-out')).document;
    expect(page.total).toBe(3);
    for (const { subjects } of page.items) expect(subjects).toHaveLength(5);

    const report = await line.nora('compare', id, '--format', 'json');
    const { provenance } = JSON.parse(report.stdout);
    expect(provenance.repeat.fileName).toBe('few-steps.yaml');
    expect(parse(provenance.repeat.text)).toMatchObject({ name: 'few steps', seeds: [1, 2] });
    expect(provenance.files.map(({ role }: { role: string }) => role)).toContain('task facts');
    const items = await line.nora('comparison', 'items', id);
    expect(items.stdout).toContain('facts: items 1 to 2 of 2');
  }, 900_000);
});
