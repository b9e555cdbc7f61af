import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { readAdapterInTurns } from '../../engine/adapters/folder/adapter-folder.ts';
import { invalidInput, WorkbenchError } from '../../engine/errors.ts';
import { isSealed } from '../../engine/formats/sealed-folder.ts';
import { checkCheckpoint } from '../../engine/train/checkpoint.ts';
import type { AdapterRecord } from '../../store/repositories/adapters.ts';
import type { CheckpointRecord } from '../../store/repositories/checkpoints.ts';
import type { ExportRecord } from '../../store/repositories/exports.ts';
import type { Store } from '../../store/store.ts';
import { adoptFinished, isThere } from '../adapters/recover-exports.ts';
import {
  checkpointDirectory,
  findCheckpoints,
  startDirectory,
} from '../../trainer/run/checkpoint-folders.ts';
import { adoptRun } from '../runs/adopt-run.ts';
import { runDirectoryOf } from '../runs/run-specification.ts';
import { activeStatuses } from '../runs/run-status.ts';
import { findLeftovers, isAtRestSince } from '../storage/leftovers.ts';
import type { Found } from './found.ts';

interface FoldersContext {
  readonly store: Store;
  readonly dataDirectory: string;
}

/** Folders that the library speaks of, and those that it does not. */
export const checkFolders = async (context: FoldersContext, signal: AbortSignal): Promise<Found[]> => {
  const { store } = context;
  const found: Found[] = [];
  const look = async <Subject>(
    subjects: readonly Subject[],
    check: (subject: Subject) => readonly Found[] | Promise<readonly Found[]>,
  ): Promise<void> => {
    for (const subject of subjects) {
      signal.throwIfAborted();
      found.push(...(await check(subject)));
      await nextTurn();
    }
  };
  await look(store.adapters.all(), adapterFound);
  // A run that goes on writes checkpoints and clears earlier ones away.
  const active = new Set(store.runs.withStatus(activeStatuses));
  const ofRuns = Map.groupBy(store.checkpoints.all(), ({ runId }) => runId);
  await look(
    [...ofRuns].filter(([runId]) => !active.has(runId)),
    ([runId, checkpoints]) => runFound(context, runId, checkpoints),
  );
  await look(store.exports.withStatus('failed').filter(isThere), (record) => exportFound(store, record));
  return [...found, ...withoutSums(store), ...(await leftoversOf(context))];
};

/** What was written before sums were kept can be read, and no more is known of it. */
const withoutSums = ({ adapters }: Store): Found[] => {
  const count = adapters
    .all()
    .filter(({ directory }) => existsSync(directory) && !isSealed(directory)).length;
  if (count === 0) return [];
  const which = count === 1 ? '1 adapter has' : `${count} adapters have`;
  return [
    {
      subject: 'the adapters',
      problem: `${which} no sums of their files, as an earlier release wrote them: whether a number in them changed can't be told`,
      advice: 'a run that is trained again, and an adapter that is imported again, has them',
      isHarmless: true,
    },
  ];
};

const adapterFound = async ({ name, directory, method }: AdapterRecord): Promise<Found[]> => {
  const problem = await problemOf(directory, async (path) => {
    const { settings } = await readAdapterInTurns(path);
    if (settings.method !== method)
      throw invalidInput(`${path}: is of the method "${settings.method}", and the library says "${method}"`);
  });
  if (problem === null) return [];
  const advice = 'restore it from a backup, or train or import it again';
  return [{ subject: `the adapter "${name}"`, problem, advice }];
};

/** @param read all of it: every file is compared with its sum */
const problemOf = async (
  directory: string,
  read: (directory: string) => Promise<unknown>,
): Promise<string | null> => {
  if (!existsSync(directory)) return `${directory}: is gone`;
  try {
    await read(directory);
    return null;
  } catch (error) {
    if (error instanceof WorkbenchError) return error.message;
    throw error;
  }
};

/** What a run goes on from: its latest checkpoints, and what its adapter began as. */
const runFound = async (
  { store, dataDirectory }: FoldersContext,
  runId: string,
  checkpoints: readonly CheckpointRecord[],
): Promise<Found[]> => {
  const subject = `the run ${runId}`;
  const runDirectory = runDirectoryOf(dataDirectory, runId);
  const latest = findCheckpoints(runDirectory)[0]?.step ?? -1;
  const found: Found[] = [];
  for (const { directory, step } of checkpoints) {
    if (existsSync(directory) && directory !== checkpointDirectory(runDirectory, step)) {
      found.push({
        subject,
        problem: `${directory}: the library says that this is its checkpoint of step ${step}`,
        repair: {
          text: 'take the steps of its checkpoints from their folders',
          changesLibrary: true,
          run: () => adoptRun(store, dataDirectory, runId),
        },
      });
    } else if (existsSync(directory)) {
      const problem = await problemOf(directory, checkCheckpoint);
      const advice =
        'a run that goes on does so from the checkpoint before it; where none is whole, start it over';
      if (problem !== null) found.push({ subject, problem, advice });
    } else if (step > latest) {
      // Earlier ones were cleared away by the trainer that wrote the latest.
      found.push({
        subject,
        problem: `${directory}: its checkpoint of step ${step} is gone`,
        repair: {
          text: 'forget it, so that the run goes on from one that is there, or from its start',
          changesLibrary: true,
          run: () => adoptRun(store, dataDirectory, runId),
        },
      });
    }
  }
  const start = startDirectory(runDirectory);
  const problem = existsSync(start) ? await problemOf(start, readAdapterInTurns) : null;
  const advice = 'restore it from a backup; a run that did not come to its end can be started over';
  return problem === null ? found : [...found, { subject, problem, advice }];
};

const exportFound = (store: Store, record: ExportRecord): Found[] => [
  {
    subject: `the export in ${record.destination}`,
    problem: `${record.destination}: it is told as failed, and is there as a whole`,
    isHarmless: true,
    repair: {
      text: 'tell it as completed',
      changesLibrary: true,
      run: () => adoptFinished(store, [record]),
    },
  },
];

const unknownAdvice =
  'keep it where a library was lost that knew it; `nora storage --clear leftovers` removes it for good';
/** Nothing that is whole is ever removed as a repair: after an older copy of the library it may be all that is left of weeks. */
const whatItIs = {
  unfinished: { text: 'was begun and never finished', advice: null },
  'unknown-run': { text: 'is the folder of a run that the library does not know', advice: unknownAdvice },
  'unknown-adapter': {
    text: 'is the folder of an adapter that the library does not know',
    advice: unknownAdvice,
  },
} as const;

/** Long enough that nobody is writing it at this moment. */
const restMilliseconds = 60_000;

const leftoversOf = async (context: FoldersContext): Promise<Found[]> => {
  const found: Found[] = [];
  for (const { path, kind } of await findLeftovers(context)) {
    if (!(await isAtRestSince(path, restMilliseconds))) continue;
    const { text, advice } = whatItIs[kind];
    const repair = {
      text: 'remove it',
      changesLibrary: false,
      run: async () => {
        if (await isAtRestSince(path, restMilliseconds)) await rm(path, { recursive: true, force: true });
      },
    };
    found.push({
      ...{ subject: 'leftovers', problem: `${path}: ${text}`, isHarmless: true },
      ...(advice === null ? { repair } : { advice }),
    });
  }
  return found;
};
