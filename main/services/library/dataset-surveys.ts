import { join } from 'node:path';
import { WorkbenchError } from '../../engine/errors.ts';
import { contentHash } from '../../engine/formats/model-identity.ts';
import type { DatasetRecord } from '../../store/repositories/datasets.ts';
import type { Store } from '../../store/store.ts';
import type { SpawnTrainer } from '../../trainer/process/trainer-process.ts';
import {
  surveyAnswerSchema,
  type Duplicates,
  type Lengths,
  type SurveyAnswer,
  type SurveyQuestion,
} from '../../trainer/protocol/survey-schema.ts';
import type { ReadFiles } from '../reading/reader.ts';
import { cacheDirectoryOf } from '../shared/cache-directory.ts';
import type { MethodParamsParsed } from '../shared/methods.ts';
import { surveyLimits } from '../trainer-jobs/job-limits.ts';
import { askTrainer } from '../trainer-jobs/trainer-question.ts';
import { rowsSourceOf } from '../../trainer/protocol/dataset-source.ts';
import { datasetSource } from './dataset-source.ts';
import { assertUnchanged, findDataset } from './datasets.ts';
import { keptAnswers } from './kept-answers.ts';
import { assertModelUnchanged } from './model-identity.ts';
import { findModel } from './models.ts';

interface SurveysContext {
  readonly store: Store;
  readonly spawnTrainer: SpawnTrainer;
  readonly readFiles: ReadFiles;
  readonly dataDirectory: string;
}

/** Of what a kept answer says; raised where the same rows would be answered for otherwise. */
const version = 1;

interface Survey {
  readonly datasetId: string;
  readonly answer: Promise<SurveyAnswer>;
  readonly controller: AbortController;
}

/** What takes going through all rows of data: done in a process of its own, one at a time, and kept for as long as the files are the same. */
export const createDatasetSurveys = ({ store, spawnTrainer, readFiles, dataDirectory }: SurveysContext) => {
  const kept = keptAnswers(join(cacheDirectoryOf(dataDirectory), 'surveys'), surveyAnswerSchema);
  const underWay = new Map<string, Survey>();
  let last: Promise<unknown> = Promise.resolve();

  const survey = async (
    dataset: DatasetRecord,
    question: SurveyQuestion,
    of: unknown,
    check: () => Promise<unknown>,
  ): Promise<SurveyAnswer> => {
    const about = [version, question, dataset.trainSha256, dataset.validationSha256, of];
    const known = kept.find(about);
    if (known !== undefined) return known;
    const key = JSON.stringify(about);
    const running = underWay.get(key);
    if (running !== undefined) return running.answer;
    const controller = new AbortController();
    const answer = inTurn(async () => {
      assertGoesOn(controller.signal);
      await assertUnchanged(readFiles, dataset);
      await check();
      const found = await ask(question, controller.signal);
      kept.keep(about, found);
      return found;
    }).finally(() => underWay.delete(key));
    underWay.set(key, { datasetId: dataset.id, answer, controller });
    return answer;
  };

  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const result = last.then(work);
    last = result.catch(() => undefined);
    return result;
  };

  const ask = async (question: SurveyQuestion, signal: AbortSignal): Promise<SurveyAnswer> => {
    try {
      return (
        await askTrainer(spawnTrainer, { type: 'survey', question }, 'surveyed', {
          signal,
          limits: surveyLimits,
        })
      ).answer;
    } catch (error) {
      assertGoesOn(signal);
      throw error;
    }
  };

  const stop = (isMeant: (survey: Survey) => boolean): void => {
    for (const each of underWay.values()) if (isMeant(each)) each.controller.abort();
  };

  const methods = {
    lengths: async ({
      id,
      modelId,
      lossOn,
      date,
    }: MethodParamsParsed<'datasets.lengths'>): Promise<Lengths> => {
      const dataset = findDataset(store, id);
      const model = findModel(store, modelId);
      const answer = await survey(
        dataset,
        {
          kind: 'lengths',
          // The held-out rows are not looked at, so no part of them says anything.
          dataset: rowsSourceOf(
            datasetSource({ ...dataset, validationFile: null }, 0.5),
            'lengths are counted',
          ),
          modelDirectory: model.directory,
          lossOn,
          date,
        },
        model.identity && contentHash(model.identity),
        () => assertModelUnchanged({ store, readFiles }, model),
      );
      return ofKind(answer, 'lengths').lengths;
    },
    duplicates: async ({
      id,
      validationFraction,
      seed,
    }: MethodParamsParsed<'datasets.duplicates'>): Promise<Duplicates> => {
      const dataset = findDataset(store, id);
      const isDrawn = dataset.validationFile === null;
      const answer = await survey(
        dataset,
        {
          kind: 'duplicates',
          // Where a file is held out, neither says anything.
          dataset: rowsSourceOf(
            datasetSource(dataset, isDrawn ? validationFraction : 0.5),
            'rows are compared',
          ),
          seed: isDrawn ? seed : 0,
        },
        null,
        () => Promise.resolve(),
      );
      return ofKind(answer, 'duplicates').duplicates;
    },
    stop: ({ id }: { id: string }) => {
      const dataset = findDataset(store, id);
      stop(({ datasetId }) => datasetId === dataset.id);
      return {};
    },
  };
  return { methods, close: (): void => stop(() => true) };
};

const assertGoesOn = (signal: AbortSignal): void => {
  if (signal.aborted) throw new WorkbenchError('conflict', 'stopped before all rows were gone through');
};

const ofKind = <Kind extends SurveyAnswer['kind']>(
  answer: SurveyAnswer,
  kind: Kind,
): Extract<SurveyAnswer, { kind: Kind }> => {
  if (answer.kind !== kind) throw new Error(`a survey of ${kind} was answered with ${answer.kind}`);
  return answer as Extract<SurveyAnswer, { kind: Kind }>;
};
