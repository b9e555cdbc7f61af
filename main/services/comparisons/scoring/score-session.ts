import type { Task } from '../../../engine/scoring/task.ts';
import type { ScoreInstrument } from '../../../trainer/protocol/score-schema.ts';
import { scoreItems } from '../../../engine/scoring/score-items.ts';
import type { ReadFiles } from '../../reading/reader.ts';
import { itemResultSchema, type ItemResult } from '../../../engine/scoring/item-result.ts';
import { WorkbenchError } from '../../../engine/errors.ts';
import { sha256OfFile } from '../../../engine/formats/file-hash.ts';
import type { Store } from '../../../store/store.ts';
import type { SpawnTrainer } from '../../../trainer/process/trainer-process.ts';
import { assertUnchanged, findDataset } from '../../library/datasets.ts';
import { assertModelUnchanged } from '../../library/model-identity.ts';
import { findModel } from '../../library/models.ts';
import type { QueueJob } from '../../runs/run-queue.ts';
import { now } from '../../shared/identifiers.ts';
import { throttle } from '../../shared/throttle.ts';
import {
  failureOf,
  startTrainerJob,
  type JobEnd,
  type TrainerJob,
  type TrainerNews,
} from '../../trainer-jobs/trainer-job.ts';
import { hashedFiles } from '../task-hash.ts';
import type { AssessmentState, ComparisonState } from '../orchestration/comparison-state.ts';
import { scoreSpecification, subjectOf } from './score-specification.ts';

export interface ScoreContext {
  readonly store: Store;
  readonly spawnTrainer: SpawnTrainer;
  readonly readFiles: ReadFiles;
  readonly dataDirectory: string;
  /** Tells of the comparison as it now stands. */
  readonly announce: () => void;
  /** Called once the end is written down. */
  readonly onEnd: () => void;
}

/** How often listeners hear of items: each time the whole comparison is read. */
const updateMilliseconds = 1000;

/**
 * Scores subjects on one copy of the base, in a trainer process. Items are stored as they come, so a job that is ended, or dies, has lost nothing
 * of what it had told: the next one does the rest.
 */
export const startScoreSession = (
  context: ScoreContext,
  state: ComparisonState,
  assessments: readonly AssessmentState[],
): QueueJob => {
  const { store, spawnTrainer, dataDirectory, announce, onEnd } = context;
  const byItems = new Map(assessments.map((one) => [`${subjectOf(one)} ${one.task}`, one]));
  const find = (subject: string, task: string): AssessmentState | undefined =>
    byItems.get(`${subject} ${task}`);
  const isOver = new Set<string>();
  let job: TrainerJob | undefined;
  let isStopped = false;
  let isEnded = false;

  const updates = throttle(updateMilliseconds, announce, () => undefined);
  const change = (id: string, status: AssessmentState['status'], error: string | null = null): void => {
    store.assessments.update(id, { status, error, endedAt: status === 'running' ? null : now() });
    if (status === 'completed' || status === 'failed') isOver.add(id);
  };

  const onNews = (news: TrainerNews): void => {
    switch (news.type) {
      case 'task-read':
        store.comparisons.setTaskFacts(state.id, news.facts.task, news.facts);
        return updates.request();
      case 'scored-items': {
        const assessment = find(news.subject, news.task);
        if (assessment !== undefined) store.assessments.insertItems(assessment.id, news.items);
        return updates.request();
      }
      case 'unscored': {
        const assessment = find(news.subject, news.task);
        if (assessment !== undefined) change(assessment.id, 'failed', news.message);
        return updates.request();
      }
    }
  };

  const finish = (end: JobEnd): void => {
    if (isEnded) return;
    isEnded = true;
    updates.cancel();
    try {
      store.transaction(() => {
        for (const { id } of assessments) {
          if (isOver.has(id)) continue;
          if (end.type === 'scored') complete(store, id, change);
          else if (isStopped) change(id, 'waiting');
          else change(id, 'failed', messageOf(end));
        }
      });
      announce();
    } catch {
      // A full disk: the assessments are found unfinished, and go on, at the next start.
    }
    onEnd();
  };

  const run = async (): Promise<void> => {
    try {
      store.transaction(() => assessments.forEach(({ id }) => change(id, 'running')));
      announce();
      const { files } = await assertModelUnchanged(context, findModel(store, state.modelId));
      await assertUnchanged(context.readFiles, findDataset(store, state.datasetId));
      await assertTasksUnchanged(state, new Set(assessments.map(({ task }) => task)));
      if (isStopped) return finish({ type: 'cancelled', step: 0 });
      const specification = scoreSpecification(store, dataDirectory, state, assessments);
      const instruments = await instrumentsOf(context, specification.tasks);
      job = startTrainerJob(
        spawnTrainer,
        { type: 'score', specification: { ...specification, instruments, modelFiles: [...files] } },
        { onNews, onEnd: finish },
      );
      await job.gone;
    } catch (error) {
      finish(failureOf(error));
    }
  };

  return {
    stop: () => {
      isStopped = true;
      job?.send({ type: 'cancel' });
    },
    kill: () => {
      isStopped = true;
      job?.kill();
    },
    gone: run(),
  };
};

const complete = (
  store: Store,
  id: string,
  change: (id: string, status: 'completed' | 'failed', error?: string) => void,
): void => {
  const results = store.assessments.results(id).map(resultOf);
  if (results.length === 0) return change(id, 'failed', 'the trainer gave no items');
  store.assessments.update(id, { scores: scoreItems(results) });
  change(id, 'completed');
};

/** Values that are no finite numbers are not there. */
const resultOf = ({ values, ...result }: ReturnType<Store['assessments']['results']>[number]): ItemResult =>
  itemResultSchema.parse({
    ...result,
    values: Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null)),
  });

const messageOf = (end: JobEnd): string =>
  end.type === 'failed' || end.type === 'died'
    ? end.message
    : `the trainer answered a scoring job with "${end.type}"`;

/** Those that are in the library, of the models that measure drawn pictures. What is absent, the task's facts say. */
const instrumentsOf = async (
  context: Pick<ScoreContext, 'store' | 'readFiles'>,
  tasks: readonly Task[],
): Promise<ScoreInstrument[]> => {
  const names = new Set(tasks.flatMap((task) => (task.kind === 'drawn' ? task.models : [])));
  const instruments: ScoreInstrument[] = [];
  for (const name of names) {
    const model = context.store.models.find(name);
    if (model === undefined) continue;
    const { files } = await assertModelUnchanged(context, model);
    instruments.push({ name, directory: model.directory, modelFiles: [...files] });
  }
  return instruments;
};

/** @throws WorkbenchError `conflict` naming a task's file that is not what it was when the comparison was created */
const assertTasksUnchanged = async (
  { definition, tasks }: ComparisonState,
  wanted: ReadonlySet<string>,
): Promise<void> => {
  for (const { name, sha256 } of tasks) {
    const task = definition.tasks.find((one) => one.name === name);
    if (sha256 === null || !wanted.has(name) || task === undefined) continue;
    for (const hashed of hashedFiles(task, sha256)) {
      if ((await sha256OfFile(hashed.file)) === hashed.sha256) continue;
      throw new WorkbenchError(
        'conflict',
        `${hashed.file} has changed since the comparison was created; put it back as it was, or create the comparison anew`,
      );
    }
  }
};
