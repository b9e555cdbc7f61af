import { pictureObjectiveNames } from '../../engine/objective-names.ts';
import { WorkbenchError } from '../../engine/errors.ts';
import type { AnswerOf } from '../../trainer/protocol/classify-schema.ts';
import type { PictureAnswer, PictureQuestion } from '../../trainer/protocol/protocol.ts';
import { findDataset } from '../library/datasets.ts';
import { findModel } from '../library/models.ts';
import type { SessionKind } from '../sessions/model-session.ts';
import { chooseArms, type SessionChoice } from '../sessions/session-choice.ts';
import type { SessionContext } from '../sessions/session-context.ts';
import { createWarmSession } from '../sessions/warm-session.ts';
import { cacheDirectoryOf } from '../shared/cache-directory.ts';
import { createId } from '../shared/identifiers.ts';
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

interface Asked {
  readonly job: string;
  isStopped: boolean;
}

const stopped = (): WorkbenchError => new WorkbenchError('conflict', 'stopped before it was answered');

/**
 * Questions about pictures, one after the other, to a model that stays in memory for the next one: as `createGenerationService` for texts. It writes
 * nothing, so whoever opens the data directory may ask.
 */
export const createClassifyingService = (context: SessionContext) => {
  const { store, emit, subscribe, dataDirectory } = context;
  const waiting: Asked[] = [];
  let last: Promise<unknown> = Promise.resolve();
  let inHand: Asked | undefined;
  let closing = false;

  const warm = createWarmSession<PictureQuestion, PictureAnswer>({
    ...context,
    kind: looking,
    changed: () => undefined,
    isBusy: () => inHand !== undefined,
    isClosing: () => closing,
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

  const answer = async <Kind extends PictureAnswer['kind']>(
    asked: Asked,
    choice: SessionChoice,
    questionOf: (arms: number[]) => Extract<PictureQuestion, { kind: Kind }>,
  ): Promise<AnswerOf<Kind>> => {
    if (asked.isStopped || closing) throw stopped();
    const { session, places } = await warm.open(choice);
    if (asked.isStopped) throw stopped();
    const told = await session.ask(asked.job, questionOf([...places]), (news) => {
      if (news.type !== 'progress') return;
      const { done, total } = news;
      emit({ name: 'classifying.progress', payload: { job: asked.job, done, total } });
    });
    return told as AnswerOf<Kind>;
  };

  const ask = <Kind extends PictureAnswer['kind']>(
    job: string | undefined,
    choice: SessionChoice,
    questionOf: (arms: number[]) => Extract<PictureQuestion, { kind: Kind }>,
  ): Promise<AnswerOf<Kind>> => {
    if (closing) throw new WorkbenchError('conflict', 'the workbench is closing');
    const asked: Asked = { job: job ?? createId(), isStopped: false };
    if ([inHand, ...waiting].some((other) => other?.job === asked.job))
      throw new WorkbenchError('conflict', `job: something named "${asked.job}" goes on already`);
    waiting.push(asked);
    const told = last.then(async () => {
      waiting.shift();
      inHand = asked;
      try {
        return await answer(asked, choice, questionOf);
      } finally {
        inHand = undefined;
        if (waiting.length === 0) warm.rest();
      }
    });
    last = told.catch(() => undefined);
    return told;
  };

  const forget = subscribe(({ name }) => {
    if (name === 'models.changed' || name === 'adapters.changed' || name === 'experiments.changed')
      warm.endIfRemoved();
  });

  const makeRoom = (why: string): Promise<boolean> => warm.giveWay(why);

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
        for (const asked of waiting) if (asked.job === job) asked.isStopped = true;
        if (inHand?.job !== job) return {};
        inHand.isStopped = true;
        warm.drop(job);
        return {};
      },
      release: async () => {
        if (inHand !== undefined)
          throw new WorkbenchError('conflict', 'the model is answering; stop that first');
        await warm.end();
        return {};
      },
    } satisfies WorkbenchMethods['classifying'],
    isOpen: (): boolean => warm.describe(false) !== null,
    /** Frees the memory for a run. @returns whether there was any to free */
    makeRoom: () => makeRoom('the model was taken out of memory for a run; ask again when that is done'),
    /** The same for another model that is asked, unless this one is answering. */
    makeRoomIfIdle: (): Promise<boolean> =>
      inHand === undefined
        ? makeRoom('the model was taken out of memory for another')
        : Promise.resolve(false),
    close: async (graceMilliseconds: number): Promise<void> => {
      closing = true;
      forget();
      await warm.end(graceMilliseconds);
      await last;
    },
  };
};
