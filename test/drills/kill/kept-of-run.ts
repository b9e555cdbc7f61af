import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { unfinishedOf } from '../../../main/engine/formats/atomic-file.ts';
import { checkSealed } from '../../../main/engine/formats/sealed-folder.ts';
import { findCheckpoints } from '../../../main/trainer/run/checkpoint-folders.ts';
import { atWork, type SmallRun } from './small-run.ts';

/** Everything that a run leaves and that must not depend on how often it died: the clock and the machine's memory aside. */
export interface KeptOfRun {
  readonly status: string;
  readonly step: number;
  readonly summary: unknown;
  readonly notices: readonly string[];
  /** `name step` to value; null for what the clock has made. */
  readonly metrics: Readonly<Record<string, number | null>>;
  readonly samples: unknown;
  readonly adapters: number;
  /** Of the run's folder, by name; null for what tells of the lives it took. */
  readonly files: Readonly<Record<string, string | null>>;
  /** The latest two and the best, each as it was written. */
  readonly checkpointsStand: boolean;
  /** Whatever else lies in the data directory. */
  readonly others: readonly string[];
}

/** What an earlier life has worked out is found in the cache, and the run says so. */
const ofEarlierLife = /^AwSVD taken from the cache/;
const ofClock = /seconds|per_second|memory/;

export const keptOfRun = ({ dataDirectory, runId }: SmallRun): Promise<KeptOfRun> =>
  atWork(dataDirectory, (workbench) => {
    const { status, step, summary, notices } = workbench.runs.show({ id: runId });
    const { steps } = workbench.runs.samples({ ids: [runId], prompt: 0, limit: 50 });
    return {
      ...{ status, step },
      notices: notices.filter((notice) => !ofEarlierLife.test(notice)),
      summary: Object.fromEntries(Object.entries(summary ?? {}).filter(([name]) => !ofClock.test(name))),
      metrics: Object.fromEntries(
        workbench.runs
          .metrics({ id: runId })
          .map(({ name, step: at, value }) => [`${name} ${at}`, ofClock.test(name) ? null : value]),
      ),
      samples: steps.map(({ step: at, texts }) => ({ at, texts: texts.map(({ text }) => text) })),
      adapters: workbench.adapters.list().items.length,
      files: filesOf(join(dataDirectory, 'runs', runId)),
      checkpointsStand: checkpointsStand(join(dataDirectory, 'runs', runId)),
      others: namesIn(dataDirectory).filter(
        (name) => !name.startsWith('runs/') && !isOfLibrary(name) && !isSweptLater(name),
      ),
    };
  });

/** The database's own, which come and go, and the log, which tells of the lives that it took. */
const isOfLibrary = (name: string): boolean =>
  /^(workbench|queue-lock|work-lock)\.sqlite(-|$)/.test(name) || name.startsWith('logs/');

/** What was begun in the cache and never finished goes when a workbench opens an hour later. */
const isSweptLater = (name: string): boolean =>
  name.startsWith('cache/') && unfinishedOf(basename(name)) !== undefined;

const namesIn = (directory: string): string[] =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(directory.length + 1))
    .toSorted();

/** Checkpoints have times in them, and stand at other steps where a run was paused; the trained numbers of the last are the adapter's. */
const filesOf = (directory: string): Record<string, string | null> =>
  Object.fromEntries(
    namesIn(directory)
      .filter((name) => !name.startsWith('checkpoints/step-'))
      .map((name) => [name, name.startsWith('adapter') ? sha256Of(join(directory, name)) : null]),
  );

const checkpointsStand = (directory: string): boolean => {
  const checkpoints = findCheckpoints(directory);
  return (
    checkpoints[0]?.step === 18 &&
    checkpoints.length <= 3 &&
    checkpoints.every((checkpoint) => checkSealed(checkpoint.directory))
  );
};

const sha256Of = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');
