import { pictureObjectiveNames } from '../../engine/objective-names.ts';
import { WorkbenchError } from '../../engine/errors.ts';
import type { AnswerOf } from '../../trainer/protocol/classify-schema.ts';
import type { PictureAnswer, PictureQuestion } from '../../trainer/protocol/protocol.ts';
import { findDataset } from '../library/datasets.ts';
import { findModel } from '../library/models.ts';
import type { SessionKind } from '../sessions/model-session.ts';
import { createQuestionLine } from '../sessions/question-line.ts';
import { chooseArms, type SessionChoice } from '../sessions/session-choice.ts';
import type { SessionContext } from '../sessions/session-context.ts';
import { cacheDirectoryOf } from '../shared/cache-directory.ts';
import type { WorkbenchMethods } from '../shared/methods.ts';
import { classifyDefaults } from './classify-defaults.ts';

const looking: SessionKind<PictureAnswer> = {
  commandOf: ({ modelDirectory, modelFiles, arms, threads }) => ({
    type: 'classify',
    specification: { modelDirectory, ...(modelFiles && { modelFiles }), arms, threads },
  }),
  answerIn: (news) => (news.type === 'looked' ? { id: news.id, answer: news.answer } : null),
};

const looksAtPictures: ReadonlySet<string> = new Set(pictureObjectiveNames);

/** Questions about pictures to a model. It writes nothing, so whoever opens the data directory may ask. */
export const createClassifyingService = (context: SessionContext) => {
  const { store, emit, dataDirectory } = context;
  const line = createQuestionLine<PictureQuestion, PictureAnswer>({
    ...context,
    kind: looking,
    tellProgress: (payload) => emit({ name: 'classifying.progress', payload }),
  });

  const choose = ({ modelId, arms }: { modelId: string; arms: (string | null)[] }): SessionChoice => {
    const model = findModel(store, modelId);
    if (!looksAtPictures.has(model.objective))
      throw new WorkbenchError(
        'unsupported',
        `the model "${model.name}" is made for ${model.objective}: it sees no pictures`,
      );
    return { model, arms: chooseArms(store, model, arms), baseFormat: 'fp32' };
  };

  const ask = async <Kind extends PictureAnswer['kind']>(
    job: string | undefined,
    choice: SessionChoice,
    questionOf: (arms: number[]) => Extract<PictureQuestion, { kind: Kind }>,
  ): Promise<AnswerOf<Kind>> => (await line.ask(job, choice, questionOf)) as AnswerOf<Kind>;

  return {
    methods: {
      defaults: ({ modelId, arms }) =>
        classifyDefaults(store, chooseArms(store, findModel(store, modelId), arms)),
      classify: ({ job, picture, classes, template, ...wanted }) =>
        ask(job, choose(wanted), (arms) => ({ kind: 'classes', arms, picture, classes, template })),
      map: ({ job, datasetId, most, ...wanted }) => {
        const { name, trainFile, format } = findDataset(store, datasetId);
        if (format.kind !== 'pictures')
          throw new WorkbenchError('unsupported', `the data "${name}" are no pictures`);
        const pictures = { trainFile, format, cacheDirectory: cacheDirectoryOf(dataDirectory) };
        return ask(job, choose(wanted), (arms) => ({ kind: 'map', arms, pictures, most }));
      },
      stop: ({ job }) => {
        line.stop(job);
        return {};
      },
      release: async () => {
        await line.release();
        return {};
      },
    } satisfies WorkbenchMethods['classifying'],
    line,
  };
};
