import { describe, expect, it } from 'vitest';
import { plannedBatches, plannedFrom, seeingAt } from '../../../main/trainer/run/diffusion/order.ts';

interface Entry {
  readonly name: string;
  readonly size: string;
}
const entries: Entry[] = ['a', 'b', 'c', 'd', 'e'].map((name, at) => ({
  name,
  size: at < 3 ? 'square' : 'wide',
}));
const options = {
  occurrences: entries,
  bucketOf: ({ size }: Entry) => size,
  batchSize: 2,
  seed: 7,
};
const take = <T>(from: Iterator<T>, count: number): T[] => {
  const taken: T[] = [];
  while (taken.length < count) {
    const next = from.next();
    if (next.done === true) break;
    taken.push(next.value);
  }
  return taken;
};

describe('the order of pictures', () => {
  it('sees every one once an epoch, and sizes never mix', () => {
    const planned = take(plannedBatches({ ...options, epochs: 4 }), Infinity);
    for (const { seeings } of planned) expect(new Set(seeings.map(({ entry }) => entry.size)).size).toBe(1);
    const seen = planned.flatMap(({ seeings }) =>
      seeings.map(({ entry, epoch }) => `${epoch} ${entry.name}`),
    );
    expect(seen.toSorted()).toEqual(
      [0, 1, 2, 3].flatMap((epoch) => entries.map(({ name }) => `${epoch} ${name}`)),
    );
    // 12 squares and 8 wide ones, in full batches across the borders of epochs.
    expect(planned.map(({ seeings }) => seeings.length)).toEqual(Array.from({ length: 10 }, () => 2));
  });

  it('ends with smaller batches of what waits', () => {
    const planned = take(plannedBatches({ ...options, epochs: 1 }), Infinity);
    expect(planned.map(({ seeings }) => seeings.length).toSorted()).toEqual([1, 2, 2]);
  });

  it('goes on from every state as if it had never stopped', () => {
    const whole = take(plannedBatches({ ...options, epochs: 3 }), Infinity);
    whole.forEach(({ after }, at) => {
      const rest = take(plannedFrom({ ...options, epochs: 3 }, after), Infinity);
      expect(rest).toEqual(whole.slice(at + 1));
    });
    const start = { seed: 7, examples: 5, epoch: 0, row: 0 };
    expect(take(plannedFrom({ ...options, epochs: 3 }, start), 1)).toEqual(whole.slice(0, 1));
  });

  it.each([{ seed: 8 }, { seed: 8, row: 0 }, { examples: 6 }, { row: 77 }])(
    'refuses a state of others: %j',
    (other) => {
      const state = { seed: 7, examples: 5, epoch: 0, row: 2, ...other };
      expect(() => take(plannedFrom(options, state), 1)).toThrow("the checkpoint's place in the pictures");
    },
  );

  it('has the same pictures at the same places of an epoch, whatever a batch holds', () => {
    const seen = (batchSize: number): string[] =>
      take(plannedBatches({ ...options, batchSize, epochs: 3 }), Infinity)
        .flatMap(({ seeings }) => seeings.map(({ entry, epoch, place }) => `${epoch} ${place} ${entry.name}`))
        .toSorted();
    expect(seen(1)).toEqual(seen(4));
  });

  it('gives pictures of the class one after the other, all of them before any comes again', () => {
    const names = Array.from({ length: 10 }, (_, at) => seeingAt(entries, 3, at).entry.name);
    expect(names.slice(0, 5).toSorted()).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(names.slice(5).toSorted()).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(names.slice(0, 5)).not.toEqual(names.slice(5));
  });
});
