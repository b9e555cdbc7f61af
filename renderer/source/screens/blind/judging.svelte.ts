import type { BlindPair, BlindTest, VoteChoice } from '../../../../main/api/contract.ts';
import { createAction, type Action } from '../../state/action.svelte.ts';
import { messageOf, type Client } from '../../transport/client.ts';
import { nextOpen } from './words.ts';

export interface Judging {
  /** Which pair is looked at; null before the first, and where none is left. */
  readonly at: number | null;
  /** Undefined until its pictures are there. */
  readonly pair: BlindPair | undefined;
  readonly problem: string | undefined;
  readonly judge: Action<[choice: VoteChoice]>;
  go(pair: number): void;
}

/** Goes through the pairs of a test that nothing was said of, and back where somebody wants to. Pictures of the next are asked for ahead. */
export const createJudging = (client: Client, testNow: () => BlindTest | undefined): Judging => {
  let chosen = $state<number | null>(null);
  let shown = $state.raw<BlindPair>();
  let problem = $state<string>();
  const known = new Map<string, Promise<BlindPair>>();

  const at = $derived.by(() => {
    const test = testNow();
    if (test === undefined) return null;
    if (chosen !== null) return chosen;
    return test.endedAt === null ? nextOpen(test, test.pairs - 1) : null;
  });
  const load = (id: string, pair: number): Promise<BlindPair> => {
    const key = `${id} ${pair}`;
    const asked = known.get(key) ?? client.call('blind.pair', { id, pair });
    known.set(key, asked);
    asked.catch(() => known.delete(key));
    // A few are enough to go back and forth; pictures are large.
    for (const old of [...known.keys()].slice(0, -4)) known.delete(old);
    return asked;
  };
  const id = $derived(testNow()?.id);

  $effect(() => {
    const [test, pair] = [id, at];
    problem = undefined;
    if (test === undefined || pair === null) return void (shown = undefined);
    let isCurrent = true;
    void load(test, pair).then(
      (loaded) => {
        if (isCurrent) shown = loaded;
      },
      (error: unknown) => {
        if (!isCurrent) return;
        shown = undefined;
        problem = messageOf(error);
      },
    );
    return () => (isCurrent = false);
  });

  const judge = createAction(async (choice: VoteChoice) => {
    const test = testNow();
    const pair = at;
    // Not of pictures that nobody has seen yet.
    if (test === undefined || pair === null || shown?.pair !== pair || test.endedAt !== null) return;
    const told = await client.call('blind.vote', { id: test.id, pair, choice });
    chosen = nextOpen(told, pair);
    const ahead = chosen === null ? null : nextOpen(told, chosen);
    if (ahead !== null) void load(test.id, ahead).catch(() => undefined);
  });

  return {
    get at() {
      return at;
    },
    get pair() {
      return shown;
    },
    get problem() {
      return problem;
    },
    judge,
    go: (pair) => (chosen = pair),
  };
};
