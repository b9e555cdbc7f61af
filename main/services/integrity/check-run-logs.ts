import { existsSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { fileError } from '../../engine/formats/file-errors.ts';
import { WorkbenchError } from '../../engine/errors.ts';
import { createTurns } from '../../engine/turns.ts';
import type { RunRecord } from '../../store/repositories/runs.ts';
import type { RunPictureRecord } from '../../store/repositories/run-pictures.ts';
import type { RunSampleRecord } from '../../store/repositories/run-samples.ts';
import type { Store } from '../../store/store.ts';
import { eventLogFile } from '../../trainer/run/event-log.ts';
import { runDirectoryOf } from '../runs/run-specification.ts';
import { activeStatuses } from '../runs/run-status.ts';
import type { Found } from './found.ts';
import { toldByRun, type ToldByRun } from './told-by-run.ts';

/*
 * The cells of a database have no sums: a bit of one that changed is another number, and SQLite's own check finds nothing wrong. Each run's folder
 * has the same numbers a second time, with a sum a line; where the two differ, the line is believed.
 */

interface RunLogsContext {
  readonly store: Store;
  readonly dataDirectory: string;
}

/** Values that are read at once. */
const pageSize = 4096;

/** Holds what the library says of each run against what the run wrote down itself. One that goes on is still being told of. */
export const checkRunLogs = async (context: RunLogsContext, signal: AbortSignal): Promise<Found[]> => {
  const { store, dataDirectory } = context;
  const active = new Set(store.runs.withStatus(activeStatuses));
  const found: Found[] = [];
  for (const id of store.runs.ids().filter((one) => !active.has(one))) {
    signal.throwIfAborted();
    const run = store.runs.find(id);
    const directory = runDirectoryOf(dataDirectory, id);
    // Of before such logs were written.
    if (run === undefined || !existsSync(eventLogFile(directory))) continue;
    try {
      found.push(...(await runFound(store, run, directory, signal)));
    } catch (error) {
      signal.throwIfAborted();
      const explained = fileError(error, 'read', eventLogFile(directory));
      if (!(explained instanceof WorkbenchError)) throw error;
      found.push({ subject: subjectOf(run), problem: explained.message });
    }
  }
  return found;
};

const subjectOf = ({ id }: RunRecord): string => `the run ${id}`;

const differencesOf = async (store: Store, run: RunRecord, told: ToldByRun): Promise<Difference[]> => [
  ...(await differentMetrics(store, run, told)),
  ...differentSamples(store, run, told),
  ...differentPictures(store, run, told),
  ...differentWords(store, run, told),
];

const runFound = async (
  store: Store,
  run: RunRecord,
  directory: string,
  signal: AbortSignal,
): Promise<Found[]> => {
  const log = eventLogFile(directory);
  const told = await toldByRun(directory, signal);
  const differences = await differencesOf(store, run, told);
  return [
    ...(told.damagedLines === 0
      ? []
      : [
          {
            subject: subjectOf(run),
            problem: `${log}: ${told.damagedLines} of its lines are damaged`,
            advice: 'what they said is in the library, where nothing can be held against it any more',
          },
        ]),
    ...(differences.length === 0 ? [] : [foundOf(store, run, directory, differences)]),
  ];
};

interface Difference {
  readonly text: string;
  readonly mend: () => void;
}

const mostTexts = 5;

const foundOf = (
  store: Store,
  run: RunRecord,
  directory: string,
  differences: readonly Difference[],
): Found => {
  const texts = differences.slice(0, mostTexts).map(({ text }) => text);
  const others = differences.length > mostTexts ? `; and ${differences.length - mostTexts} more` : '';
  return {
    subject: subjectOf(run),
    problem: `the library says other than ${eventLogFile(directory)}: ${texts.join('; ')}${others}`,
    repair: {
      text: 'take into the library what the run wrote down itself',
      changesLibrary: true,
      run: () => mendRun(store, run.id, directory),
    },
  };
};

/** By what stands there now: the run may have gone on since it was looked at. */
const mendRun = async (store: Store, id: string, directory: string): Promise<void> => {
  const run = store.runs.find(id);
  if (run === undefined || !existsSync(eventLogFile(directory))) return;
  const differences = await differencesOf(
    store,
    run,
    await toldByRun(directory, new AbortController().signal),
  );
  store.transaction(() => differences.forEach(({ mend }) => mend()));
};

/** Up to the step that the library has the run at: what it did after that is undone where it went on from an earlier checkpoint. */
const differentMetrics = async (store: Store, run: RunRecord, told: ToldByRun): Promise<Difference[]> => {
  const turn = createTurns();
  const found: Difference[] = [];
  for (const name of new Set([...store.metrics.names(run.id), ...told.metrics.keys()])) {
    const values = told.metrics.get(name) ?? new Map<number, number>();
    const known = new Set<number>();
    const [other, extra]: [number[], number[]] = [[], []];
    for (let after = Number.MIN_SAFE_INTEGER; ;) {
      const page = store.metrics.page(run.id, name, after, pageSize);
      for (const [step, value] of page) {
        await turn();
        known.add(step);
        const said = values.get(step);
        if (said === undefined && isOutOfPlace(step, run, told)) extra.push(step);
        else if (said !== undefined && said !== value) other.push(step);
      }
      if (page.length < pageSize) break;
      after = page.at(-1)![0];
    }
    const missing: number[] = [];
    for (const step of values.keys()) {
      await turn();
      if (step <= run.step && !known.has(step)) missing.push(step);
    }
    const steps = [...other, ...extra, ...missing].toSorted((a, b) => a - b);
    if (steps.length === 0) continue;
    const mended = [...other, ...missing].map((step) => ({ name, step, value: values.get(step)! }));
    found.push({
      text: `"${name}" at ${steps.length === 1 ? 'step' : `${steps.length} steps, the first`} ${steps[0]}`,
      mend: () => {
        store.metrics.remove(run.id, name, extra);
        if (mended.length > 0) store.metrics.insert(run.id, mended);
      },
    });
  }
  return found;
};

/** Of a step within those that the log has, or that the run never came to. Values from another run that this one goes on from come before. */
const isOutOfPlace = (step: number, run: RunRecord, { first, last, damagedLines }: ToldByRun): boolean =>
  damagedLines === 0 && step > first && (step <= last || step > Math.max(run.step, last));

const differentSamples = (store: Store, run: RunRecord, told: ToldByRun): Difference[] => {
  if (told.samples.size === 0) return [];
  const kept = Map.groupBy(store.runSamples.ofRun(run.id), ({ step }) => step);
  return [...told.samples]
    .filter(
      ([step, samples]) =>
        step <= run.step && !isDeepStrictEqual((kept.get(step) ?? []).map(plain), samples.map(plain)),
    )
    .map(([step, samples]) => ({
      text: `what it wrote at step ${step}`,
      mend: () => store.runSamples.insert(run.id, step, samples),
    }));
};

const plain = ({ position, prompt, expected, text, finish, tokens }: RunSampleRecord): RunSampleRecord => ({
  ...{ position, prompt, expected, text, finish, tokens },
});

const differentPictures = (store: Store, run: RunRecord, told: ToldByRun): Difference[] => {
  if (told.pictures.size === 0) return [];
  const kept = Map.groupBy(store.runPictures.ofRun(run.id), ({ step }) => step);
  return [...told.pictures]
    .filter(
      ([step, pictures]) =>
        step <= run.step &&
        !isDeepStrictEqual((kept.get(step) ?? []).map(plainPicture), pictures.map(plainPicture)),
    )
    .map(([step, pictures]) => ({
      text: `what it drew at step ${step}`,
      mend: () => store.runPictures.insert(run.id, step, pictures),
    }));
};

const plainPicture = (picture: RunPictureRecord): RunPictureRecord => {
  const { position, prompt, seed, file, sha256, problem } = picture;
  return { position, prompt, seed, file, sha256, problem };
};

const differentWords = (store: Store, run: RunRecord, told: ToldByRun): Difference[] => {
  const missing = [...told.notices].filter((notice) => !run.notices.includes(notice));
  return [
    ...(told.planned === null || told.planned === run.steps
      ? []
      : [
          {
            text: `${run.steps ?? 'no'} steps planned, where it planned ${told.planned}`,
            mend: () => store.runs.update(run.id, { steps: told.planned }),
          },
        ]),
    ...(missing.length === 0
      ? []
      : [
          {
            text: `${missing.length} of its notices missing`,
            mend: () => store.runs.update(run.id, { notices: [...run.notices, ...missing] }),
          },
        ]),
  ];
};
