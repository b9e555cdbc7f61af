import { WorkbenchError } from '../../engine/errors.ts';
import type { AnyQuestion } from '../../trainer/protocol/protocol.ts';
import { createId } from '../shared/identifiers.ts';
import type { SessionKind } from './model-session.ts';
import type { SessionChoice } from './session-choice.ts';
import type { SessionContext } from './session-context.ts';
import { createWarmSession } from './warm-session.ts';

export interface LineOptions<Answer> extends SessionContext {
  readonly kind: SessionKind<Answer>;
  /** What `progress` of the trainer is told as. */
  readonly tellProgress: (progress: {
    readonly job: string;
    readonly done: number;
    readonly total: number;
  }) => void;
}

/** A model that waits in memory for the next question. */
export interface InMemory {
  /** Frees the memory for a run. @returns whether there was any to free */
  readonly makeRoom: () => Promise<boolean>;
  /** The same for another model that is asked, unless this one is answering. */
  readonly makeRoomIfIdle: () => Promise<boolean>;
}

/** Questions whose callers wait for the answer: one at a time is answered, by a model that stays in memory for the next. */
export interface QuestionLine<Question extends AnyQuestion, Answer> extends InMemory {
  /**
   * @param job by which it can be stopped
   * @param questionOf given the places of the choice's arms among those in memory
   * @throws conflict where it is stopped, a job of that name goes on, or the workbench closes
   */
  readonly ask: (
    job: string | undefined,
    choice: SessionChoice,
    questionOf: (arms: number[]) => Question,
  ) => Promise<Answer>;
  /** What has ended by then needs no stopping. */
  readonly stop: (job: string) => void;
  /** Takes the model out of memory. @throws conflict while it answers */
  readonly release: () => Promise<void>;
  readonly isOpen: () => boolean;
  readonly close: (graceMilliseconds: number) => Promise<void>;
}

interface Asked {
  readonly job: string;
  isStopped: boolean;
}

const stopped = (): WorkbenchError => new WorkbenchError('conflict', 'stopped before it was answered');
const closed = (): WorkbenchError => new WorkbenchError('conflict', 'the workbench is closing');

export const createQuestionLine = <Question extends AnyQuestion, Answer>(
  context: LineOptions<Answer>,
): QuestionLine<Question, Answer> => {
  const { subscribe, tellProgress } = context;
  const waiting: Asked[] = [];
  let last: Promise<unknown> = Promise.resolve();
  let inHand: Asked | undefined;
  let closing = false;

  const warm = createWarmSession<Question, Answer>({
    ...context,
    changed: () => undefined,
    isBusy: () => inHand !== undefined,
    isClosing: () => closing,
  });

  const answer = async (
    asked: Asked,
    choice: SessionChoice,
    questionOf: (arms: number[]) => Question,
  ): Promise<Answer> => {
    if (asked.isStopped || closing) throw stopped();
    const { session, places } = await warm.open(choice);
    if (asked.isStopped) throw stopped();
    return session.ask(asked.job, questionOf([...places]), (news) => {
      if (news.type !== 'progress') return;
      const { done, total } = news;
      tellProgress({ job: asked.job, done, total });
    });
  };

  const forget = subscribe(({ name }) => {
    if (name === 'models.changed' || name === 'adapters.changed' || name === 'experiments.changed')
      warm.endIfRemoved();
  });

  return {
    ask: (job, choice, questionOf) => {
      if (closing) return Promise.reject(closed());
      const asked: Asked = { job: job ?? createId(), isStopped: false };
      if ([inHand, ...waiting].some((other) => other?.job === asked.job))
        return Promise.reject(
          new WorkbenchError('conflict', `job: something named "${asked.job}" goes on already`),
        );
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
    },
    stop: (job) => {
      for (const asked of waiting) if (asked.job === job) asked.isStopped = true;
      if (inHand?.job !== job) return;
      inHand.isStopped = true;
      warm.drop(job);
    },
    release: async () => {
      if (inHand !== undefined)
        throw new WorkbenchError('conflict', 'the model is answering; stop that first');
      await warm.end();
    },
    isOpen: () => warm.describe(false) !== null,
    makeRoom: () => warm.giveWay('the model was taken out of memory for a run; ask again when that is done'),
    makeRoomIfIdle: () =>
      inHand === undefined
        ? warm.giveWay('the model was taken out of memory for another')
        : Promise.resolve(false),
    close: async (graceMilliseconds) => {
      closing = true;
      forget();
      await warm.end(graceMilliseconds);
      await last;
    },
  };
};
