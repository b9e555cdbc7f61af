import { mean } from '../../main/engine/statistics/moments.ts';
import { spreadOf } from '../few-shot/summary.ts';
import type { Measures } from './measure-drawn.ts';
import { methodNames, type MethodName } from './methods.ts';
import type { SubjectLosses } from './train-subject.ts';

/** What one run came to. */
export interface Reached extends SubjectLosses, Measures {
  readonly subject: string;
  readonly method: MethodName;
  readonly seed: number;
  readonly rate: number;
}

const measures = [
  { label: 'held-out loss', of: ({ after }: Reached) => after },
  { label: 'CLIP-I', of: ({ likeness }: Reached) => likeness },
  { label: 'CLIP-T', of: ({ promptFit }: Reached) => promptFit },
] as const;

const number = (value: number): string => value.toFixed(4);

/** Mean over seeds with half of its 95 % interval. */
const spreadText = (values: readonly number[]): string => {
  const { mean: middle, half } = spreadOf(values);
  return Number.isNaN(half) ? number(middle) : `${number(middle)} ± ${number(half)}`;
};

const distinct = <T>(values: readonly T[]): T[] => [...new Set(values)];

/** A table for each rate: a line for each subject and measure, with what the base comes to; runs of one seed are pairs. */
export const tablesOf = (reached: readonly Reached[], base: Readonly<Record<string, Measures>>): string => {
  const rates = distinct(reached.map(({ rate }) => rate)).map(String);
  const own = distinct(methodNames.map((name) => ratesOf(reached, name).join())).length > 1;
  const groups = own ? [reached] : rates.map((rate) => reached.filter((one) => String(one.rate) === rate));
  return groups.map((group, at) => tableOf(group, base, own ? 'each its own rate' : rates[at]!)).join('\n\n');
};

const ratesOf = (reached: readonly Reached[], name: MethodName): number[] =>
  distinct(reached.filter(({ method }) => method === name).map(({ rate }) => rate));

const tableOf = (
  reached: readonly Reached[],
  base: Readonly<Record<string, Measures>>,
  rate: string,
): string => {
  const rows = distinct(reached.map(({ subject }) => subject)).flatMap((subject) => {
    const ofSubject = reached.filter((one) => one.subject === subject);
    const { likeness, promptFit } = base[subject]!;
    const before = [mean(ofSubject.map((one) => one.before)), likeness, promptFit];
    return measures.map(({ label, of }, at) => {
      const [lora, nora] = methodNames.map((name) =>
        ofSubject
          .filter(({ method }) => method === name)
          .toSorted((a, b) => a.seed - b.seed)
          .map(of),
      ) as [number[], number[]];
      const difference = spreadText(nora.map((value, pair) => value - lora[pair]!));
      return `| ${subject} | ${label} | ${number(before[at]!)} | ${spreadText(lora)} | ${spreadText(nora)} | ${difference} |`;
    });
  });
  return [
    `learning rate: ${rate}`,
    '',
    '| subject | measure | base | LoRA | NoRA | NoRA - LoRA, pair by pair |',
    '| --- | --- | ---: | ---: | ---: | ---: |',
    ...rows,
  ].join('\n');
};
