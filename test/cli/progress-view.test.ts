import { expect, test } from 'vitest';
import { createProgressView } from '../../main/cli/progress-view.ts';
import type { ProgressStream } from '../../main/cli/progress-view.ts';

const stream = (isTTY: boolean, columns?: number): ProgressStream & { written: string[] } => {
  const written: string[] = [];
  return {
    isTTY,
    written,
    write: (text) => written.push(text),
    ...(columns === undefined ? {} : { columns }),
  };
};
const training = (done: number) => ({
  label: 'LoRA',
  phase: 'training',
  done,
  total: 20,
  detail: `loss ${done}`,
});

test('on a terminal a bar moves in place, and makes way for lines that stay', () => {
  const terminal = stream(true);
  const view = createProgressView(terminal);
  view.show(training(10));
  view.note('done');
  view.clear();
  expect(terminal.written).toEqual([
    `\r\u001b[2KLoRA  training       ${'█'.repeat(12)}${'░'.repeat(12)} 10/20  loss 10`,
    '\r\u001b[2K',
    'done\n',
  ]);
});

test('on a narrow terminal it stays one line', () => {
  const terminal = stream(true, 20);
  createProgressView(terminal).show(training(10));
  expect(terminal.written[0]).toHaveLength('\r\u001b[2K'.length + 19);
});

test('elsewhere there is a line for each phase and each tenth', () => {
  const file = stream(false);
  const view = createProgressView(file);
  view.show({ label: 'LoRA', phase: 'loading', done: 0, total: 1 });
  view.show({ label: 'LoRA', phase: 'loading', done: 0, total: 1 });
  for (let step = 0; step <= 20; step++) view.show(training(step));
  view.clear();
  expect(file.written[0]).toBe('LoRA: loading\n');
  expect(file.written.slice(1).map((line) => line.split(' ')[2])).toEqual(
    Array.from({ length: 11 }, (_, index) => `${index * 2}/20,`),
  );
});

test('a short phase is one line, without a count that would stand for all of it', () => {
  const file = stream(false);
  const view = createProgressView(file);
  for (let done = 1; done <= 15; done++) view.show({ label: 'LoRA', phase: 'evaluating', done, total: 15 });
  expect(file.written).toEqual(['LoRA: evaluating\n']);
});

test('a total of nothing is no progress', () => {
  const terminal = stream(true);
  createProgressView(terminal).show({ label: 'x', phase: 'saving', done: 0, total: 0 });
  expect(terminal.written[0]).toContain('░'.repeat(24));
});
