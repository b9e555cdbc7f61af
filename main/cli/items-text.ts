import { scoreRegistry, shotsText } from '../api/contract.ts';
import type { ItemsPage } from '../api/contract.ts';

type Subject = ItemsPage['items'][number]['subjects'][number];

/** Item by item: what was asked, what is right, and what each subject made of it. */
export const itemsText = ({ task, total, offset, items }: ItemsPage): string => {
  if (items.length === 0) return `No items of ${task} to show.`;
  const range = `${task}: items ${offset + 1} to ${offset + items.length} of ${total}`;
  return [range, ...items.map(itemText)].join('\n\n');
};

const itemText = ({ item, prompt, expected, subjects }: ItemsPage['items'][number]): string =>
  [
    `row ${item + 1}`,
    ...(prompt === null ? [] : [indented(prompt)]),
    ...(expected === null ? [] : [`  expected: ${expected}`]),
    ...subjects.map(subjectText),
  ].join('\n');

const subjectText = ({ arm, seed, shots, answer, values }: Subject): string => {
  const at = shots === null ? '' : `, ${shotsText([shots])}`;
  const who = arm === null ? 'base' : `${arm}${at}, seed ${seed}`;
  const right = values['accuracy'];
  const mark = right === undefined ? '' : right === 1 ? ' (right)' : ' (wrong)';
  if (answer !== null) return `  ${who}: ${answer}${mark}`;
  const measured = scoreRegistry.flatMap(({ name, short, beforeLosses }) => {
    const value = values[name];
    return beforeLosses === true && typeof value === 'number' ? [`${short} ${value.toFixed(3)}`] : [];
  });
  if (measured.length > 0) return `  ${who}: ${measured.join(', ')}`;
  const loss = values.loss ?? values.denoising_loss;
  if (loss !== undefined) return `  ${who}: loss ${loss === null ? 'not a finite number' : loss.toFixed(4)}`;
  return `  ${who}: no answer${mark}`;
};

const indented = (text: string): string => text.replaceAll(/^/gm, '  | ');
