import { expect, it } from 'vitest';
import type { Adapter } from '../../main/api/contract.ts';
import { readPart } from '../../main/cli/adapter-parts.ts';

const adapters = [
  { id: 'abc1', name: 'LoRA r16' },
  { id: 'def2', name: 'rank=8' },
] as Adapter[];

it.each([
  ['LoRA r16=0.7', 'abc1', 0.7],
  ['def=-0.25', 'def2', -0.25],
  ['rank=8=2', 'def2', 2],
  ['abc1', 'abc1', 1],
])('%s is an adapter and its weight', (text, adapterId, weight) =>
  expect(readPart(text, adapters)).toEqual({ adapterId, weight }),
);

it.each(['LoRA r16=', 'LoRA r16=0', 'LoRA r16=half', 'LoRA r16=Infinity'])('%s is refused', (text) =>
  expect(() => readPart(text, adapters)).toThrow(
    `--adapter ${text}: expected an adapter and its weight, as in "LoRA r16=0.5"`,
  ),
);

it('names an adapter that is not there', () =>
  expect(() => readPart('other=1', adapters)).toThrow('no adapter "other"'));
