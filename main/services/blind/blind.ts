import { randomInt } from 'node:crypto';
import { invalidInput, WorkbenchError } from '../../engine/errors.ts';
import { createRandom } from '../../engine/random.ts';
import type { BlindTestRecord } from '../../store/repositories/blind-tests.ts';
import type { Store } from '../../store/store.ts';
import type { ReadFiles } from '../reading/reader.ts';
import { createId, now } from '../shared/identifiers.ts';
import type { WorkbenchMethods } from '../shared/methods.ts';
import { chooseName } from '../shared/names.ts';
import type { EmitEvent } from '../shared/workbench-events.ts';
import type { BlindRequest, BlindTest } from './blind-entities.ts';
import { blindTestOf } from './blind-result.ts';
import { foldersOfArms } from './folder-of-arm.ts';
import { makePairs } from './make-pairs.ts';

interface BlindContext {
  readonly store: Store;
  readonly emit: EmitEvent;
  readonly readFiles: ReadFiles;
  readonly dataDirectory: string;
}

/** Pictures of two arms, judged pair by pair without knowing whose they are. Files stay where they are, known by their content. */
export const createBlindService = ({ store, emit, readFiles, dataDirectory }: BlindContext) => {
  const find = (key: string): BlindTestRecord => {
    const found = store.blindTests.find(key);
    if (found !== undefined) return found;
    throw new WorkbenchError('not-found', `there is no blind test "${key}"`);
  };
  const show = (record: BlindTestRecord): BlindTest => blindTestOf(record, store.blindTests.votes(record.id));
  const told = (id: string): BlindTest => {
    emit({ name: 'blind.changed', payload: {} });
    return show(find(id));
  };
  /** @throws conflict once it is told whose pictures they were */
  const findOpen = (key: string): BlindTestRecord => {
    const test = find(key);
    if (test.endedAt === null) return test;
    throw new WorkbenchError(
      'conflict',
      `the blind test "${test.name}" is ended: whose pictures they were is known`,
    );
  };
  const pairOf = ({ name, pairs }: BlindTestRecord, pair: number): BlindTestRecord['pairs'][number] => {
    const found = pairs[pair];
    if (found !== undefined) return found;
    throw invalidInput(`pair: the blind test "${name}" has ${pairs.length} pairs, numbered from 0`);
  };
  const create = async ({ name, arms }: BlindRequest): Promise<BlindTest> => {
    const [first, second] = arms;
    if (first.name === second.name)
      throw invalidInput(`arms: both are called "${first.name}"; give each a name of its own`);
    const drawn = [
      (await readFiles({ kind: 'drawn', folder: first.folder })).pictures,
      (await readFiles({ kind: 'drawn', folder: second.folder })).pictures,
    ] as const;
    const { pairs, leftOut } = makePairs(drawn, createRandom(randomInt(2 ** 48 - 1)));
    if (pairs.length === 0)
      throw invalidInput(
        `arms: ${first.folder} and ${second.folder} have no two pictures of one prompt and seed; draw both from the same ones`,
      );
    const id = createId();
    store.transaction(() =>
      store.blindTests.insert({
        id,
        name: chooseName(
          { asked: name, suggested: `${first.name} and ${second.name}` },
          store.blindTests.list().map((other) => other.name),
          (taken) => `a blind test "${taken}"`,
        ),
        arms: [first, second],
        pairs,
        leftOut,
        createdAt: now(),
        endedAt: null,
      }),
    );
    return told(id);
  };
  return {
    list: () => store.blindTests.list().map(show),
    show: ({ id }) => show(find(id)),
    create,
    ofComparison: async ({ name, ...asked }) => {
      const [first, second] = foldersOfArms(store, dataDirectory, asked);
      const [one, other] = asked.arms;
      return create({
        ...(name !== undefined && { name }),
        arms: [
          { name: one, folder: first },
          { name: other, folder: second },
        ],
      });
    },
    pair: async ({ id, pair }) => {
      const test = find(id);
      const { prompt, seed, files, left } = pairOf(test, pair);
      const shown = [left, left === 0 ? 1 : 0] as const;
      const { images } = await readFiles({
        kind: 'drawn-pictures',
        files: shown.map((arm) => ({ folder: test.arms[arm].folder, ...files[arm] })),
      });
      return { pair, prompt, seed, left: images[0]!, right: images[1]! };
    },
    vote: ({ id, pair, choice }) => {
      const testId = store.transaction(() => {
        const test = findOpen(id);
        pairOf(test, pair);
        store.blindTests.vote({ testId: test.id, pair, choice, createdAt: now() });
        return test.id;
      });
      return told(testId);
    },
    end: ({ id }) => {
      const test = findOpen(id);
      if (store.blindTests.votes(test.id).length === 0)
        throw new WorkbenchError(
          'conflict',
          `the blind test "${test.name}" has no judgement yet, so nothing would come of it`,
        );
      store.blindTests.update(test.id, { endedAt: now() });
      return told(test.id);
    },
    remove: ({ id }) => {
      store.blindTests.remove(find(id).id);
      emit({ name: 'blind.changed', payload: {} });
      return {};
    },
  } satisfies WorkbenchMethods['blind'];
};
