import type { BlindPair, BlindTest } from '../../../main/api/contract.ts';
import { WorkbenchError } from '../../../main/engine/errors.ts';
import type { BlindTestRecord, BlindVoteRecord } from '../../../main/store/repositories/blind-tests.ts';
import { blindTestOf } from '../../../main/services/blind/blind-result.ts';
import { createId } from '../../../main/services/shared/identifiers.ts';
import type { WorkbenchMethods } from '../../../main/services/shared/methods.ts';
import type { EmitEvent } from '../../../main/services/shared/workbench-events.ts';

/** A WebP of one pixel: black, or white. */
const pixels = {
  black: 'UklGRiQAAABXRUJQVlA4IBgAAAAwAQCdASoBAAEAAUAmJaQAA3AA/v02aAA=',
  white: 'UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA',
};
const image = (data: string): BlindPair['left'] => ({ type: 'image/webp', data, width: 256, height: 256 });

/** Six pairs of any two folders, each arm in turn on the left; folders called "torn" can't be read. */
export const createFakeBlind = ({ emit }: { readonly emit: EmitEvent }): WorkbenchMethods['blind'] => {
  const tests = new Map<string, { record: BlindTestRecord; votes: Map<number, BlindVoteRecord> }>();
  const find = (id: string) => {
    const found = tests.get(id);
    if (found !== undefined) return found;
    throw new WorkbenchError('not-found', `there is no blind test "${id}"`);
  };
  const show = (id: string): BlindTest => {
    const { record, votes } = find(id);
    return blindTestOf(record, [...votes.values()]);
  };
  const told = (id: string): BlindTest => {
    emit({ name: 'blind.changed', payload: {} });
    return show(id);
  };
  const blind: WorkbenchMethods['blind'] = {
    list: () => [...tests.keys()].toReversed().map(show),
    show: ({ id }) => show(id),
    create: async ({ name, arms }) => {
      await Promise.resolve();
      const torn = arms.find(({ folder }) => folder.endsWith('torn'));
      if (torn) throw new WorkbenchError('invalid-input', `${torn.folder}: has no pictures`);
      const id = createId();
      const pairs = Array.from({ length: 6 }, (_, pair) => ({
        prompt: `a photo of a dog, ${pair}`,
        seed: pair,
        files: [
          { name: `${pair}.png`, sha256: '' },
          { name: `${pair}.png`, sha256: '' },
        ] as const,
        left: pair % 2 === 0 ? (0 as const) : (1 as const),
      }));
      const record: BlindTestRecord = {
        ...{ id, name: name ?? `${arms[0].name} and ${arms[1].name}`, arms, pairs, leftOut: 1 },
        ...{ createdAt: '2026-11-30T00:00:00.000Z', endedAt: null },
      };
      tests.set(id, { record, votes: new Map() });
      return told(id);
    },
    ofComparison: ({ name, arms: [first, second] }) =>
      blind.create({
        ...(name !== undefined && { name }),
        arms: [
          { name: first, folder: `/runs/${first}` },
          { name: second, folder: `/runs/${second}` },
        ],
      }),
    pair: async ({ id, pair }) => {
      await Promise.resolve();
      const { prompt, seed, left } = find(id).record.pairs[pair]!;
      const images = [image(pixels.black), image(pixels.white)];
      return { pair, prompt, seed, left: images[left]!, right: images[1 - left]! };
    },
    vote: ({ id, pair, choice }) => {
      find(id).votes.set(pair, { testId: id, pair, choice, createdAt: '' });
      return told(id);
    },
    end: ({ id }) => {
      const found = find(id);
      found.record = { ...found.record, endedAt: '2026-11-30T00:10:00.000Z' };
      return told(id);
    },
    remove: ({ id }) => {
      tests.delete(find(id).record.id);
      emit({ name: 'blind.changed', payload: {} });
      return {};
    },
  };
  return blind;
};
