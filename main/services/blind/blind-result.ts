import type { BlindTestRecord, BlindVoteRecord } from '../../store/repositories/blind-tests.ts';
import { preferenceOf } from '../generation/preference.ts';
import type { BlindTest } from './blind-entities.ts';

type Choice = BlindTest['choices'][number];

export const blindTestOf = (record: BlindTestRecord, votes: readonly BlindVoteRecord[]): BlindTest => {
  const { id, name, arms, pairs, leftOut, createdAt, endedAt } = record;
  const said = new Map(votes.map(({ pair, choice }) => [pair, choice as Choice]));
  const choices = pairs.map((_, pair) => said.get(pair) ?? null);
  return {
    id,
    name,
    arms: [arms[0].name, arms[1].name],
    pairs: pairs.length,
    leftOut,
    isOfOneNoise: pairs.every(({ seed }) => seed !== null),
    choices,
    createdAt,
    endedAt,
    result: endedAt === null ? null : resultOf(record, choices),
  };
};

const resultOf = ({ arms, pairs }: BlindTestRecord, choices: readonly Choice[]): BlindTest['result'] => {
  const count = (choice: Choice): number => choices.filter((one) => one === choice).length;
  const winsOf = (arm: 0 | 1): number =>
    pairs.filter(({ left }, pair) => choices[pair] === (left === arm ? 'left' : 'right')).length;
  const wins = [winsOf(0), winsOf(1)] as const;
  const judged = choices.length - count(null);
  const { p, verdict } = preferenceOf([arms[0].name, arms[1].name], wins);
  return {
    wins,
    ties: count('tie'),
    bothBad: count('both-bad'),
    p,
    verdict: `${verdict} ${endingOf(judged, choices.length)}`,
    left: pairs.map(({ left }) => left),
  };
};

/** How many pairs there would be was known before the first was judged; who ended it sooner knew what had been said. */
const endingOf = (judged: number, pairs: number): string =>
  judged === pairs
    ? `All ${pairs} pairs were judged.`
    : `It was ended after ${judged} of ${pairs} pairs: stopping when it suits makes p too small.`;
