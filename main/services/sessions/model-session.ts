import { WorkbenchError } from '../../engine/errors.ts';
import type { AnyQuestion, GenerateSpecification, TrainerCommand } from '../../trainer/protocol/protocol.ts';
import type { SpawnTrainer } from '../../trainer/process/trainer-process.ts';
import { startTrainerJob, type JobEnd, type TrainerNews } from '../trainer-jobs/trainer-job.ts';
import { setAwakeTimeout } from '../shared/awake.ts';

/** A job that stays and answers: how it is started, and what of its news is an answer. */
export interface SessionKind<Answer> {
  readonly commandOf: (specification: GenerateSpecification) => TrainerCommand;
  /** The answer to the question in hand; null for other news, which whoever asked is told. */
  readonly answerIn: (news: TrainerNews) => { readonly id: string; readonly answer: Answer } | null;
}

/** A trainer process that has a model in memory and answers. */
export interface ModelSession<Question extends AnyQuestion, Answer> {
  /** What a person should know of the model. @throws WorkbenchError where it can't be opened */
  readonly ready: Promise<readonly string[]>;
  /** One at a time. @throws WorkbenchError where it can't be answered, or the process is gone */
  readonly ask: (id: string, question: Question, onNews: (news: TrainerNews) => void) => Promise<Answer>;
  /** Stops an answer: it comes with what it has. */
  readonly drop: (id: string) => void;
  /** Lets the process end by itself, and ends it where it does not in time. Resolves when it is gone. */
  readonly end: (graceMilliseconds: number) => Promise<void>;
  /** Resolves when the process is gone. Never rejects. */
  readonly gone: Promise<void>;
}

interface InHand<Answer> {
  readonly id: string;
  readonly onNews: (news: TrainerNews) => void;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: WorkbenchError) => void;
}

export const startModelSession = <Question extends AnyQuestion, Answer>(
  spawn: SpawnTrainer,
  specification: GenerateSpecification,
  { commandOf, answerIn }: SessionKind<Answer>,
): ModelSession<Question, Answer> => {
  const opening = Promise.withResolvers<readonly string[]>();
  opening.promise.catch(() => undefined); // whoever asks hears of it
  let inHand: InHand<Answer> | undefined;
  let lost: WorkbenchError | undefined;

  const take = (id: string): InHand<Answer> | undefined => {
    if (inHand?.id !== id) return undefined;
    const taken = inHand;
    inHand = undefined;
    return taken;
  };

  const onNews = (news: TrainerNews): void => {
    if (news.type === 'ready') return opening.resolve(news.notices);
    if (news.type === 'refused') return take(news.id)?.reject(new WorkbenchError(news.code, news.message));
    const told = answerIn(news);
    if (told === null) return inHand?.onNews(news);
    take(told.id)?.resolve(told.answer);
  };

  const onEnd = (end: JobEnd): void => {
    lost = lossOf(end);
    opening.reject(lost);
    inHand?.reject(lost);
    inHand = undefined;
  };

  const job = startTrainerJob(spawn, commandOf(specification), { onNews, onEnd });

  return {
    ready: opening.promise,
    ask: (id, question, onNews) => {
      if (lost) return Promise.reject(lost);
      const { promise, resolve, reject } = Promise.withResolvers<Answer>();
      inHand = { id, onNews, resolve, reject };
      job.send({ type: 'ask', id, question });
      return promise;
    },
    drop: (id) => job.send({ type: 'drop', id }),
    end: async (graceMilliseconds) => {
      job.send({ type: 'end' });
      const timer = setAwakeTimeout(job.kill, graceMilliseconds);
      await job.gone;
      timer.clear();
    },
    gone: job.gone,
  };
};

const lossOf = (end: JobEnd): WorkbenchError => {
  switch (end.type) {
    case 'failed':
      return new WorkbenchError(end.code, end.message);
    case 'died':
      return new WorkbenchError('internal', `${end.message}; ask again to start another`);
    case 'closed':
      return new WorkbenchError('conflict', 'the model was taken out of memory before it had answered');
    default:
      return new WorkbenchError('internal', `the trainer answered a session with "${end.type}"`);
  }
};
