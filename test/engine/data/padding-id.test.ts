import { expect, it } from 'vitest';
import { paddingId } from '../../../main/engine/data/tokens/padding-id.ts';

it.each([
  { padId: 3, eosId: 2, vocabulary: 10, expected: 3 },
  { padId: 10, eosId: 2, vocabulary: 10, expected: 2 },
  { padId: 10, eosId: 11, vocabulary: 10, expected: 0 },
  { eosId: 2, vocabulary: 10, expected: 2 },
  { vocabulary: 10, expected: 0 },
  { padId: 0, eosId: 2, vocabulary: 10, expected: 0 },
])(
  'pads with $expected where padding is $padId and the end $eosId of $vocabulary',
  ({ vocabulary, expected, ...ids }) => expect(paddingId(ids, vocabulary)).toBe(expected),
);
