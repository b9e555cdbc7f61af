import { initial } from './0001-initial.ts';
import { countedSteps } from './0002-counted-steps.ts';
import { classifiers } from './0003-classifiers.ts';
import { importedAdapters } from './0004-imported-adapters.ts';
import { modelIdentity } from './0005-model-identity.ts';
import { modelNotices } from './0006-model-notices.ts';
import { datasetForms } from './0007-dataset-forms.ts';
import { runSummaries } from './0008-run-summaries.ts';
import { modelObjectives } from './0009-model-objectives.ts';
import { comparisons } from './0010-comparisons.ts';
import { votes } from './0011-votes.ts';
import { comparisonDiagnoses } from './0012-comparison-diagnoses.ts';
import { comparisonAnswers } from './0013-comparison-answers.ts';
import { queue } from './0014-queue.ts';
import { lists } from './0015-lists.ts';
import { runWords } from './0016-run-words.ts';
import { runPictures } from './0028-run-pictures.ts';
import { runSamples } from './0017-run-samples.ts';
import { combinedAdapters } from './0018-combined-adapters.ts';
import { runViews } from './0019-run-views.ts';
import { metricPortions } from './0021-metric-portions.ts';
import { orderBySequence } from './0023-order-by-sequence.ts';
import { removals } from './0020-removals.ts';
import { runDevice } from './0024-run-device.ts';
import { runEvents } from './0022-run-events.ts';
import { leftOutPictures } from './0025-left-out-pictures.ts';
import { picturesOfSubjects } from './0026-pictures-of-subjects.ts';
import { drawnSides } from './0029-drawn-sides.ts';
import { blindTests } from './0027-blind-tests.ts';

/** In order and never edited once released: the n-th brings a database to version n. */
export const migrations: readonly string[] = [
  initial,
  countedSteps,
  classifiers,
  importedAdapters,
  modelIdentity,
  modelNotices,
  datasetForms,
  runSummaries,
  modelObjectives,
  comparisons,
  votes,
  comparisonDiagnoses,
  comparisonAnswers,
  queue,
  lists,
  runWords,
  runSamples,
  combinedAdapters,
  runViews,
  removals,
  metricPortions,
  runEvents,
  orderBySequence,
  runDevice,
  leftOutPictures,
  picturesOfSubjects,
  blindTests,
  runPictures,
  drawnSides,
];
