import { WorkbenchError } from '../../engine/errors.ts';
import type { GenerateSpecification, Question, TrainerEvent } from '../../trainer/protocol/protocol.ts';
import type { SpawnTrainer } from '../../trainer/process/trainer-process.ts';
import { startTrainerJob, type JobEnd } from '../trainer-jobs/trainer-job.ts';
import { setAwakeTimeout } from '../shared/awake.ts';

type News<Type extends TrainerEvent['type']> = Extract<TrainerEvent, { type: Type }>;
export type Answered = Omit<News<'answered'>, 'type' | 'id'>;

export interface AnswerListener {
  readonly onPrompts: (news: News<'answering'>) => void;
  readonly onTokens: (news: News<'tokens'>) => void;
}

/** A trainer process that has a model in memory and answers. */
export interface GenerationSession {
  /** What a person should know of the model. @throws WorkbenchError where it can't be opened */
  readonly ready: Promise<readonly string[]>;
  /** One at a time. @throws WorkbenchError where it can't be answered, or the process is gone */
  readonly ask: (id: string, question: Question, listener: AnswerListener) => Promise<Answered>;
  /** Stops an answer: it comes with what it has. */
  readonly drop: (id: string) => void;
  /** Lets the process end by itself, and ends it where it does not in time. Resolves when it is gone. */
  readonly end: (graceMilliseconds: number) => Promise<void>;
  /** Resolves when the process is gone. Never rejects. */
  readonly gone: Promise<void>;
}

interface InHand {
  readonly id: string;
  readonly listener: AnswerListener;
  readonly resolve: (answered: Answered) => void;
  readonly reject: (error: WorkbenchError) => void;
}

export const startGenerationSession = (
  spawn: SpawnTrainer,
  specification: GenerateSpecification,
): GenerationSession => {
  const opening = Promise.withResolvers<readonly string[]>();
  opening.promise.catch(() => undefined); // whoever asks hears of it
  let inHand: InHand | undefined;
  let lost: WorkbenchError | undefined;

  const take = (id: string): InHand | undefined => {
    if (inHand?.id !== id) return undefined;
    const taken = inHand;
    inHand = undefined;
    return taken;
  };

  const onNews = (news: TrainerEvent): void => {
    switch (news.type) {
      case 'ready':
        return opening.resolve(news.notices);
      case 'answering':
        return inHand?.listener.onPrompts(news);
      case 'tokens':
        return inHand?.listener.onTokens(news);
      case 'answered':
        return take(news.id)?.resolve({ rows: news.rows, seconds: news.seconds });
      case 'refused':
        return take(news.id)?.reject(new WorkbenchError(news.code, news.message));
    }
  };

  const onEnd = (end: JobEnd): void => {
    lost = lossOf(end);
    opening.reject(lost);
    inHand?.reject(lost);
    inHand = undefined;
  };

  const job = startTrainerJob(spawn, { type: 'generate', specification }, { onNews, onEnd });

  return {
    ready: opening.promise,
    ask: (id, question, listener) => {
      if (lost) return Promise.reject(lost);
      const { promise, resolve, reject } = Promise.withResolvers<Answered>();
      inHand = { id, listener, resolve, reject };
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
