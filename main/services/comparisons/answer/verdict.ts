import type { ArmAnswer, PairAnswer, Verdict } from './comparison-answer.ts';
import type { Measured } from './measured.ts';
import { confidenceText, differenceIntervalText, differenceText, pText, valueText } from './number-text.ts';

type Decided = Omit<PairAnswer, 'verdict' | 'words' | 'needed'>;

/**
 * What a pair of arms comes to, in this order: not comparable; nothing to rank, as neither beats chance; equivalent, that is surely within the margin
 * that the user named, even where a difference is sure too; better or worse; else inconclusive.
 */
export const verdictOf = (
  measured: Measured,
  pair: Decided,
  arms: readonly ArmAnswer[],
  level: number,
): { verdict: Verdict; words: string } => {
  const { first, second, difference, p, adjusted } = pair;
  if (difference === null)
    return {
      verdict: 'not comparable',
      words: `${first} and ${second} can’t be compared: ${pair.caveats.join(' ')}`,
    };
  const both = `${first} and ${second}`;
  const apart = `they are ${differenceText(Math.abs(difference), measured.unit)} apart`;
  if (p === null || adjusted === null)
    return {
      verdict: 'inconclusive',
      words: `Nothing is decided between ${both}: ${apart}. ${pair.caveats[0]}`,
    };
  if (neitherBeatsChance(arms, pair))
    return {
      verdict: 'inconclusive',
      words: `Neither ${first} nor ${second} is better than chance (${valueText(measured.chance!, measured.unit)}), so that there is nothing to rank.`,
    };
  const equivalence = equivalentWords(measured, pair, level);
  if (equivalence !== null) return { verdict: 'equivalent', words: equivalence };
  if (adjusted >= level)
    return {
      verdict: 'inconclusive',
      words: `Undecided between ${both}: ${apart} (${numbers(measured, pair, level)}).`,
    };
  const verdict = difference > 0 === (measured.better === 'higher') ? 'better' : 'worse';
  return {
    verdict,
    words: `${first} is ${verdict} than ${second} by ${differenceText(Math.abs(difference), measured.unit)} (${numbers(measured, pair, level)})${ofWhat(pair)}.`,
  };
};

const neitherBeatsChance = (arms: readonly ArmAnswer[], { first, second }: Decided): boolean => {
  const gates = arms.filter(({ arm }) => arm === first || arm === second).map(({ chance }) => chance);
  return gates.every((gate) => gate !== null && (gate.standing === 'no better' || gate.standing === 'worse'));
};

const equivalentWords = ({ unit }: Measured, pair: Decided, level: number): string | null => {
  const { equivalence, first, second, adjusted } = pair;
  if (equivalence === null || equivalence.adjusted >= level) return null;
  const interval = differenceIntervalText(equivalence.interval, unit);
  const real =
    adjusted !== null && adjusted < level ? ' A difference is there, but it is smaller than matters.' : '';
  const margin = differenceText(equivalence.margin, unit);
  return `${first} and ${second} are equivalent within ±${margin}: the difference lies in ${interval} (${confidenceText(2 * level)} interval, ${pText(equivalence.adjusted)})${ofWhat(pair)}.${real}`;
};

const ofWhat = ({ scope }: Decided): string =>
  scope === 'these trained models'
    ? ', for these two trained models; of the methods one seed says nothing'
    : '';

/** The interval is told on the side of the difference, whose size was told without its sign. */
const numbers = (
  { unit }: Measured,
  { difference, interval, p, adjusted }: Decided,
  level: number,
): string => {
  const { low, high } = interval!;
  const told = difference! < 0 ? { low: -high, high: -low } : { low, high };
  const around = `${confidenceText(level)} interval ${differenceIntervalText(told, unit)}, ${pText(p!)}`;
  return adjusted === p ? around : `${around}, after Holm ${pText(adjusted!)}`;
};
