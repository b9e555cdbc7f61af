import { expect, it } from 'vitest';
import { pick } from '../../main/cli/pick.ts';

const adapters = [
  { id: 'a1', name: 'LoRA r16', runId: 'run-1', experimentName: 'My dog' },
  { id: 'a2', name: 'LoRA r16', runId: 'run-2', experimentName: 'My cat' },
  { id: 'a3', name: 'from the web', runId: null, experimentName: null },
];

it.each([
  ['My dog/LoRA r16', 'a1'],
  ['run-2', 'a2'],
  ['a2', 'a2'],
  ['from the web', 'a3'],
])('an adapter goes by what its run goes by too: %s', (wanted, id) =>
  expect(pick(adapters, wanted, 'adapter').id).toBe(id),
);

it('names that fit several are told apart by their ids', () => {
  expect(() => pick(adapters, 'LoRA r16', 'adapter')).toThrow(
    '"LoRA r16" fits more than one adapter, say which by its id: a1, a2',
  );
  expect(() => pick(adapters, 'run', 'adapter')).toThrow('fits more than one adapter');
  expect(() => pick(adapters, 'My bird/LoRA r16', 'adapter', 'look')).toThrow(
    'no adapter "My bird/LoRA r16": look',
  );
});
