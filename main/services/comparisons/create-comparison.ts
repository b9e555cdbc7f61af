import { classesOfPictures, setKindOf } from '../../engine/data/pictures/pictures-format.ts';
import { invalidInput } from '../../engine/errors.ts';
import { measuresPictures } from '../../engine/objective-names.ts';
import { drawnFrom, refuseTooFew } from '../../engine/data/pictures/shots/enough-shots.ts';
import { sizeProblems } from '../../engine/diffusion/drawn-sides.ts';
import { withFiles } from '../../engine/scoring/task-files.ts';
import { scoreNames } from '../../engine/scoring/scores.ts';
import { drawsPictures } from '../../engine/train/settings/picture-checks.ts';
import { withUsualPictures } from '../../engine/train/settings/usual-pictures.ts';
import type { DatasetRecord } from '../../store/repositories/datasets.ts';
import type { ModelRecord } from '../../store/repositories/models.ts';
import type { Store } from '../../store/store.ts';
import type { ReadFiles } from '../reading/reader.ts';
import { checkAdaptersFit, checkDefinition } from '../experiments/experiment-checks.ts';
import { findDataset } from '../library/datasets.ts';
import { findModel } from '../library/models.ts';
import type { Configuration } from '../shared/experiment-definition.ts';
import { createId, now } from '../shared/identifiers.ts';
import { realPath } from '../shared/real-path.ts';
import type { ComparisonDesign } from './comparison-schema.ts';
import type { ComparisonDefinition } from './definition.ts';
import type { StoredDesign } from './orchestration/comparison-state.ts';
import { definitionAt, shotsOf } from './orchestration/at-shots.ts';
import { hashOfFiles } from './task-hash.ts';
import { trialsOfRound } from './orchestration/tuning-rounds.ts';

/**
 * With files by their full paths, and what is usual with pictures written out, so that it means the same wherever it is read. What is not done for
 * pictures is left out, which a design tells of.
 * @throws WorkbenchError unsupported for pictures with captions
 */
export const resolved = (
  definition: ComparisonDefinition,
  { name, format }: DatasetRecord,
  { objective }: Pick<ModelRecord, 'objective'>,
): ComparisonDefinition => {
  const withPaths = { ...definition, tasks: definition.tasks.map((task) => withFiles(task, realPath)) };
  if (format.kind !== 'pictures') return withPaths;
  if (!drawsPictures(objective)) classesOfPictures(format, name);
  return { ...withPaths, training: withUsualPictures(objective, definition.training), diagnostics: null };
};

/**
 * Each class is counted, since a run would find out only after all those with fewer shots.
 * @throws WorkbenchError for an axis of shots on rows of text, and for more shots than a class has pictures
 */
const checkShots = async (
  readFiles: ReadFiles,
  { shots, validationFraction, tuning }: ComparisonDefinition,
  { name, trainFile, format }: DatasetRecord,
): Promise<void> => {
  if (shots === null) return;
  if (format.kind !== 'pictures')
    throw invalidInput(`shots: "${name}" has rows of text, which have no shots; leave it out`);
  if (setKindOf(format) !== 'classes')
    throw invalidInput(`shots: "${name}" has pictures without classes, which have no shots; leave it out`);
  const { classes } = await readFiles({ kind: 'class-counts', dataset: { trainFile, format } });
  const sizes = classes.map((one) => drawnFrom(one, validationFraction));
  const drawn = [
    ...sizes.map(({ reported }) => reported),
    ...(tuning === null ? [] : sizes.map(({ tuned }) => tuned)),
  ];
  for (const count of shots) refuseTooFew(drawn, count, 'shots');
};

/**
 * Refuses what could only fail later: settings that can't stand together, in the protocol, an arm or a trial, and margins of scores that there are
 * not.
 * @throws WorkbenchError naming the arm or the field
 */
export const checkComparison = async (
  { store, readFiles }: { readonly store: Store; readonly readFiles: ReadFiles },
  definition: ComparisonDefinition,
  arms: readonly Configuration[],
): Promise<void> => {
  const model = findModel(store, definition.model);
  const dataset = findDataset(store, definition.dataset);
  await checkShots(readFiles, definition, dataset);
  const { name, date, validationFraction, training } = definition;
  const check = async (configurations: Configuration[]): Promise<void> => {
    checkDefinition(
      {
        version: 1,
        name,
        model: model.id,
        dataset: dataset.id,
        seed: 0,
        date,
        validationFraction,
        training,
        configurations,
      },
      model,
      dataset,
    );
    await checkAdaptersFit(readFiles, model, configurations);
  };
  await check([...arms]);
  const [shots] = shotsOf(definition);
  const trials = trialsOfRound({ definition: definitionAt(definition, shots!), arms, runs: [] }, 0) ?? [];
  if (trials.length > 0) await check(trials.map(({ configuration }) => configuration));
  checkMargins(definition);
  checkInstruments(store, definition);
  checkDrawnTasks(model, definition);
};

/** @throws WorkbenchError for a task of drawn pictures that nobody could measure, or that a model is to measure which sees none */
const checkInstruments = ({ models }: Store, { tasks }: ComparisonDefinition): void => {
  for (const task of tasks) {
    if (task.kind !== 'drawn') continue;
    const there = task.models.flatMap((name) => models.find(name) ?? []);
    if (there.length === 0)
      throw invalidInput(
        `task ${task.name}: none of its models is in the library (${task.models.join(', ')}): import one, or leave the task out`,
      );
    const blind = there.find(({ objective }) => !measuresPictures(objective));
    if (blind !== undefined)
      throw invalidInput(
        `task ${task.name}: "${blind.name}" sees no pictures; drawn ones are measured by CLIP, SigLIP, DINO and DINOv2`,
      );
  }
};

/** @throws WorkbenchError for a task whose pictures the model can't draw in that size */
const checkDrawnTasks = ({ drawnSides }: ModelRecord, { tasks }: ComparisonDefinition): void => {
  if (drawnSides === null) return;
  for (const task of tasks) {
    const [first] = task.kind === 'drawn' ? sizeProblems(task, drawnSides.multipleOf) : [];
    if (first) throw invalidInput(`task ${task.name}: ${first.field}: ${first.message}`);
  }
};

const checkMargins = ({ margins, tasks }: ComparisonDefinition): void => {
  for (const margin of Object.keys(margins)) {
    const at = margin.lastIndexOf('/');
    const [task, score] = [margin.slice(0, at), margin.slice(at + 1)];
    if (!tasks.some(({ name }) => name === task))
      throw invalidInput(
        `margins: "${margin}" names no task; expected a task and a score, as ${tasks[0]!.name}/loss`,
      );
    if (!(scoreNames as readonly string[]).includes(score))
      throw invalidInput(
        `margins: "${margin}" names no score; expected one of ${scoreNames.map((one) => `${task}/${one}`).join(', ')}`,
      );
  }
};

/** SHA-256 of each task's files (`hashOfFiles`), null for tasks without one. @throws WorkbenchError naming a file that can't be read */
export const hashTaskFiles = async ({ tasks }: ComparisonDefinition): Promise<(string | null)[]> => {
  const hashes: (string | null)[] = [];
  for (const task of tasks) hashes.push(await hashOfFiles(task));
  return hashes;
};

/** To be called in a transaction. Returns the comparison's id. */
export const insertComparison = (
  store: Store,
  definition: ComparisonDefinition,
  { arms, budgets, confounds, trials }: ComparisonDesign,
  hashes: readonly (string | null)[],
): string => {
  const id = createId();
  const design: StoredDesign = {
    arms,
    budgets,
    trials,
    // Who accepts them is told elsewhere, and may be told later.
    confounds: confounds.map(({ accepted: _, ...confound }) => confound),
  };
  store.comparisons.insert({
    id,
    name: definition.name,
    definition,
    design,
    accepted: definition.accepted,
    modelId: findModel(store, definition.model).id,
    datasetId: findDataset(store, definition.dataset).id,
    status: 'created',
    error: null,
    createdAt: now(),
    startedAt: null,
    endedAt: null,
  });
  for (const [position, { name }] of definition.tasks.entries())
    store.comparisons.insertTask({
      comparisonId: id,
      name,
      position,
      sha256: hashes[position] ?? null,
      facts: null,
    });
  return id;
};
