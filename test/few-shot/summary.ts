import { mean, standardDeviation } from '../../main/engine/statistics/moments.ts';
import { tCritical } from '../../main/engine/statistics/student-t.ts';
import type { MethodName } from './methods.ts';

/** What one run came to on the part that it was measured on. */
export interface Reached {
  readonly set: string;
  readonly seed: number;
  readonly method: MethodName;
  readonly shots: number;
  readonly rate: number;
  /** Accuracy before the first step. */
  readonly zeroShot: number;
  readonly accuracy: number;
}

/** Mean over seeds, and half of its 95 % interval by Student's t; none of one seed. */
export interface Spread {
  readonly mean: number;
  readonly half: number;
}

export const spreadOf = (values: readonly number[]): Spread => ({
  mean: mean(values),
  half: (tCritical(0.05, values.length - 1) * standardDeviation(values)) / Math.sqrt(values.length),
});

const distinct = <T>(values: readonly T[]): T[] => [...new Set(values)];
const percent = (value: number): string => (100 * value).toFixed(1);
export const spreadText = ({ mean: middle, half }: Spread): string =>
  `${percent(middle)}${Number.isNaN(half) ? '' : ` ± ${percent(half)}`}`;

/** Of one set: a line for each number of shots, and for each rate where both methods have the same ones; in percent. */
export const tableOf = (reached: readonly Reached[], rates: readonly number[] | null): string => {
  const rows = distinct(reached.map(({ shots }) => shots)).flatMap((shots) =>
    (rates ?? [null]).map((rate) => {
      const of = (method: Reached['method']): number[] =>
        reached
          .filter(
            (one) => one.method === method && one.shots === shots && (rate === null || one.rate === rate),
          )
          .map(({ accuracy }) => accuracy);
      const [lora, nora] = [of('LoRA'), of('NoRA')];
      const difference = spreadOf(nora.map((value, at) => value - lora[at]!));
      const label = rate === null ? `${shots}` : `${shots}, ${rate}`;
      return `| ${label} | ${spreadText(spreadOf(lora))} | ${spreadText(spreadOf(nora))} | ${spreadText(difference)} |`;
    }),
  );
  const zero = percent(mean(reached.map(({ zeroShot }) => zeroShot)));
  return [
    '| pictures of a class | LoRA | NoRA | NoRA - LoRA, pair by pair |',
    '| --- | ---: | ---: | ---: |',
    `| 0 (zero-shot) | ${zero} | ${zero} | |`,
    ...rows,
  ].join('\n');
};
