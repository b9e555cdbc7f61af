import { describe, expect, it } from 'vitest';
import { editDistance, instead, listed, nearest } from '../../main/engine/suggestions.ts';

describe('the distance of two words', () => {
  // Left to right: equal, a letter put in, left out, changed, neighbours exchanged; and the textbook's kitten.
  it.each([
    ['q_proj', 'q_proj', 0],
    ['q_proj', 'q_projs', 1],
    ['qq_proj', 'q_proj', 1],
    ['k_proj', 'q_proj', 1],
    ['q_porj', 'q_proj', 1],
    ['kitten', 'sitting', 3],
    ['', 'abc', 3],
  ])('%s and %s', (from, to, distance) => {
    expect(editDistance(from, to)).toBe(distance);
    expect(editDistance(to, from)).toBe(distance);
  });
});

describe('names that may be meant', () => {
  const known = ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj', 'q_proj'];

  it('are the nearest, once each, capitals aside', () => {
    expect(nearest('Q_Proj', known)).toEqual(['q_proj']);
    expect(nearest('x_proj', known)).toEqual(['q_proj', 'k_proj', 'v_proj']);
    expect(nearest('gateproj', known)).toEqual(['gate_proj']);
    expect(nearest('query_key_value', known)).toEqual([]);
  });

  it('are said with those that there are', () => {
    expect(instead('donw_proj', known)).toBe(
      '; did you mean down_proj? (it has q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj)',
    );
    expect(instead('c_attn', ['q_proj'])).toBe(' (it has q_proj)');
  });

  it('are not all listed where they are many', () =>
    expect(
      listed(
        Array.from({ length: 30 }, (_, at) => `m${at}`),
        3,
      ),
    ).toBe('m0, m1, m2 and 27 more'));
});
