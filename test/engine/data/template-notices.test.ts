import { expect, test } from 'vitest';
import { templateNotices } from '../../../main/engine/data/chat/template-notices.ts';
import { parseExperiment } from '../../../main/services/experiments/experiment-file.ts';

const dated = "{{ strftime_now('%Y') }}";

test('what a person should know of the template', () => {
  const notices = (source: { chatTemplate?: string }, kind: 'chat' | 'text' = 'chat'): string[] =>
    templateNotices(source, { kind }, '2026-11-28');
  expect(notices({ chatTemplate: 'x' })).toEqual([]);
  expect(notices({}, 'text')).toEqual([]);
  expect(notices({})).toEqual([expect.stringContaining('the model has no chat template')]);
  expect(notices({ chatTemplate: dated })).toEqual([
    expect.stringContaining('it is given 2026-11-28 on every day'),
  ]);
  expect(notices({ chatTemplate: `${dated}{% if %}` })).toEqual([]);
});

test('the date of an experiment does not depend on the clock', () => {
  const file = (line: string): string =>
    `version: 1\nname: x\nmodel: m\ndataset: d\n${line}configurations: [{ name: a, adapter: { method: lora } }]\n`;
  expect(parseExperiment(file(''), 'e.yaml').date).toBe('2024-07-26');
  expect(parseExperiment(file('date: 2026-11-28\n'), 'e.yaml').date).toBe('2026-11-28');
  expect(() => parseExperiment(file('date: tomorrow\n'), 'e.yaml')).toThrow(
    'e.yaml, line 5: date: expected a day such as 2026-11-28',
  );
});
