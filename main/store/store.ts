import { existsSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import { WorkbenchError } from '../engine/errors.ts';
import { guardWrites } from './guard-writes.ts';
import { goneError, watchPlace } from './in-place.ts';
import { openDatabase } from './open-database.ts';
import { openToView } from './open-to-view.ts';
import { databaseFileOf } from './places.ts';
import { portablePaths } from './portable-paths.ts';
import { canOnlyBeRead, type ViewedFor } from './read-only.ts';
import { adapterRepository } from './repositories/adapters.ts';
import { assessmentRepository } from './repositories/assessments.ts';
import { blindTestRepository } from './repositories/blind-tests.ts';
import { checkpointRepository } from './repositories/checkpoints.ts';
import { comparisonAnswerRepository } from './repositories/comparison-answers.ts';
import { comparisonDiagnosisRepository } from './repositories/comparison-diagnoses.ts';
import { comparisonRepository } from './repositories/comparisons.ts';
import { datasetRepository } from './repositories/datasets.ts';
import { experimentSummaryRepository } from './repositories/experiment-summaries.ts';
import { experimentRepository } from './repositories/experiments.ts';
import { exportRepository } from './repositories/exports.ts';
import { metricRepository } from './repositories/metrics.ts';
import { modelRepository } from './repositories/models.ts';
import { queueRepository } from './repositories/queue.ts';
import { runPictureRepository } from './repositories/run-pictures.ts';
import { runSampleRepository } from './repositories/run-samples.ts';
import { runWordRepository } from './repositories/run-words.ts';
import { runRowRepository } from './repositories/run-rows.ts';
import { removalRepository } from './repositories/removals.ts';
import { runViewRepository } from './repositories/run-views.ts';
import { runRepository } from './repositories/runs.ts';
import { voteRepository } from './repositories/votes.ts';
import { settling } from './settle.ts';
import { translateStoreError, withTranslatedErrors } from './store-errors.ts';

interface StoreOptions {
  /** Why it may be looked at only. */
  readonly viewedFor?: ViewedFor;
  /** Whether what is looked at is the library as it is now. */
  readonly isCurrent?: () => boolean;
  /** Whether the library still lies where it was opened. */
  readonly isInPlace?: () => boolean;
  /** In place of closing the database alone. */
  readonly close?: () => void;
}

/** Everything the workbench remembers, as synchronous functions on plain objects. */
export const createStore = (
  database: Database,
  dataDirectory: string,
  {
    viewedFor,
    isCurrent = () => true,
    isInPlace = () => true,
    close = (): void => void database.close(),
  }: StoreOptions = {},
) => {
  const file = databaseFileOf(dataDirectory);
  const paths = portablePaths(dataDirectory);
  const assertInPlace = (): void => {
    if (!isInPlace()) throw goneError(file);
  };
  guardWrites(database, assertInPlace);
  return {
    models: withTranslatedErrors(modelRepository(database), file),
    datasets: withTranslatedErrors(datasetRepository(database), file),
    experiments: withTranslatedErrors(experimentRepository(database), file),
    experimentSummaries: withTranslatedErrors(experimentSummaryRepository(database), file),
    runPictures: withTranslatedErrors(runPictureRepository(database), file),
    runSamples: withTranslatedErrors(runSampleRepository(database), file),
    runWords: withTranslatedErrors(runWordRepository(database), file),
    runRows: withTranslatedErrors(runRowRepository(database), file),
    runs: withTranslatedErrors(runRepository(database), file),
    runViews: withTranslatedErrors(runViewRepository(database), file),
    removals: withTranslatedErrors(removalRepository(database), file),
    queue: withTranslatedErrors(queueRepository(database), file),
    metrics: withTranslatedErrors(metricRepository(database), file),
    checkpoints: withTranslatedErrors(checkpointRepository(database, paths), file),
    adapters: withTranslatedErrors(adapterRepository(database, paths), file),
    exports: withTranslatedErrors(exportRepository(database), file),
    votes: withTranslatedErrors(voteRepository(database), file),
    blindTests: withTranslatedErrors(blindTestRepository(database), file),
    comparisons: withTranslatedErrors(comparisonRepository(database), file),
    comparisonAnswers: withTranslatedErrors(comparisonAnswerRepository(database), file),
    comparisonDiagnoses: withTranslatedErrors(comparisonDiagnosisRepository(database), file),
    assessments: withTranslatedErrors(assessmentRepository(database), file),
    /** All of the work or none of it. The write lock is taken at once, so what is read inside still holds when it is written. */
    transaction: <Result>(work: () => Result): Result => {
      assertInPlace();
      try {
        return database.transaction(work).immediate();
      } catch (error) {
        throw translateStoreError(error, file);
      }
    },
    /** Has all that was written on the disk for good: what a transaction has written a power cut may still take. */
    writeThrough: (): void => {
      try {
        database.pragma('wal_checkpoint(PASSIVE)');
      } catch (error) {
        throw translateStoreError(error, file);
      }
    },
    /** Resolves once all that was written outlasts a power cut. @throws WorkbenchError where the disk refuses it */
    settle: settling(database, file),
    sqliteVersion: (): string => database.prepare('SELECT sqlite_version()').pluck().get() as string,
    readOnly: viewedFor !== undefined,
    viewedFor: viewedFor ?? null,
    isCurrent,
    /** Where others read it that go through all of it: a copy, where it can only be looked at and not in its place. */
    libraryFile: database.name,
    isInPlace,
    /** @throws WorkbenchError `conflict` where its folder was removed, or its disk taken away */
    assertInPlace,
    close,
  };
};

export type Store = ReturnType<typeof createStore>;

/**
 * A library that can only be read is opened to be looked at; so is one that can't be written for want of room, or nobody could find out what to clear.
 * @throws WorkbenchError: see openDatabase and openToView
 */
export const openStore = (dataDirectory: string): Store => {
  if (canOnlyBeRead(dataDirectory)) return viewStore(dataDirectory, 'read-only');
  try {
    const opened = openDatabase(dataDirectory);
    return createStore(opened, dataDirectory, { isInPlace: watchPlace(databaseFileOf(dataDirectory)) });
  } catch (error) {
    const isFull = error instanceof WorkbenchError && error.code === 'no-space';
    if (!isFull || !existsSync(databaseFileOf(dataDirectory))) throw error;
    return viewStore(dataDirectory, 'full');
  }
};

const viewStore = (dataDirectory: string, viewedFor: ViewedFor): Store => {
  const { database, isCurrent, close } = openToView(dataDirectory);
  return createStore(database, dataDirectory, { viewedFor, isCurrent, close });
};
