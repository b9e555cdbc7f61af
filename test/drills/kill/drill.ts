import { rmSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { createRandom } from '../../../main/engine/random.ts';
import { keptOfRun, type KeptOfRun } from './kept-of-run.ts';
import { liveThrough, liveToTheEnd, targets, type Kill, type Killed } from './kills.ts';
import { copySmallRun, makeSmallRun } from './small-run.ts';

export interface DrillOptions {
  /** A folder of its own. */
  readonly directory: string;
  /** Kills in all. */
  readonly moments: number;
  readonly seed: number;
  /** Of one run; then it may come to its end. */
  readonly mostOfOneRun?: number;
  readonly onRun?: (outcome: Outcome) => void;
}

/** One run that was killed, compared with one that was not. */
export interface Outcome {
  readonly killed: readonly Killed[];
  /** Names of what is not the same; none where all is. */
  readonly differences: readonly string[];
  /** What came of both, where something differs. */
  readonly found: KeptOfRun | null;
}

/** Kills runs at random moments until there were so many, and compares what each leaves with what a run leaves that nobody killed. */
export const killAtRandom = async ({
  directory,
  moments,
  seed,
  mostOfOneRun = 6,
  onRun = () => undefined,
}: DrillOptions): Promise<Outcome[]> => {
  const random = createRandom(seed);
  const fresh = await makeSmallRun(directory);
  const undisturbed = copySmallRun(fresh, 'undisturbed');
  const told = await liveToTheEnd(undisturbed);
  const expected = await keptOfRun(undisturbed);
  const someKill = (): Kill => ({
    target: targets[Math.floor(random.uniform() * targets.length)]!,
    // The later ones may not come to be, as a run that goes on tells less.
    told: Math.floor(random.uniform() * told),
    milliseconds: random.uniform() * 50,
  });

  const outcomes: Outcome[] = [];
  for (let left = moments; left > 0;) {
    const run = copySmallRun(fresh, `killed-${outcomes.length}`);
    const kills = Array.from({ length: Math.min(left, mostOfOneRun) }, someKill);
    const killed = await liveThrough(run, kills);
    const found = await keptOfRun(run);
    const differences = differencesOf(expected, found);
    const outcome = { killed, differences, found: differences.length === 0 ? null : found };
    outcomes.push(outcome);
    onRun(outcome);
    left -= killed.length;
    if (differences.length === 0) rmSync(run.dataDirectory, { recursive: true, force: true });
  }
  return outcomes;
};

const differencesOf = (expected: KeptOfRun, found: KeptOfRun): string[] =>
  (Object.keys(expected) as (keyof KeptOfRun)[]).flatMap((part) => {
    const [left, right] = [expected[part], found[part]];
    if (isDeepStrictEqual(left, right)) return [];
    if (!isRecord(left) || !isRecord(right)) return [`${part}: ${JSON.stringify(right)}`];
    return [...new Set([...Object.keys(left), ...Object.keys(right)])]
      .filter((name) => !isDeepStrictEqual(left[name], right[name]))
      .map((name) => `${part}, ${name}: ${String(right[name])} instead of ${String(left[name])}`);
  });

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
