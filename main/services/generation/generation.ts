import { generationSettingsSchema } from '../../engine/generation/generation-settings.ts';
import { readModelDefaults } from '../../engine/generation/model-defaults.ts';
import { WorkbenchError } from '../../engine/errors.ts';
import { findModel } from '../library/models.ts';
import type { GenerationRequest, GenerationState } from '../shared/generation-entities.ts';
import { createId } from '../shared/identifiers.ts';
import type { WorkbenchMethods } from '../shared/methods.ts';
import { failureOf } from '../trainer-jobs/trainer-job.ts';
import type { Question, TrainerEvent } from '../../trainer/protocol/protocol.ts';
import type { SessionKind } from '../sessions/model-session.ts';
import type { SessionChoice } from '../sessions/session-choice.ts';
import type { SessionContext } from '../sessions/session-context.ts';
import { createWarmSession } from '../sessions/warm-session.ts';
import { chooseSession } from './choose-session.ts';
import { castVote, listTallies } from './votes.ts';

type Answered = Omit<Extract<TrainerEvent, { type: 'answered' }>, 'type' | 'id'>;

const writing: SessionKind<Answered> = {
  commandOf: (specification) => ({ type: 'generate', specification }),
  answerIn: (news) => {
    if (news.type !== 'answered') return null;
    const { id, rows, seconds } = news;
    return { id, answer: { rows, seconds } };
  },
};

interface Waiting {
  readonly id: string;
  readonly request: GenerationRequest;
  readonly choice: SessionChoice;
  /** Told its end already. */
  ended: boolean;
}

/**
 * Questions to models, one after the other. The model of the last one stays in memory for the next, until it is idle for long, its memory
 * is needed, it leaves the library, or the workbench closes. It writes nothing, so whoever opens the data directory may ask.
 */
export const createGenerationService = (context: SessionContext) => {
  const { store, emit, subscribe } = context;
  const queue: Waiting[] = [];
  let inHand: Waiting | undefined;
  let working = Promise.resolve();
  let closing = false;

  const state = (): GenerationState => ({
    session: warm.describe(inHand !== undefined),
    waiting: queue.length,
  });
  const changed = (): void => emit({ name: 'generation.changed', payload: state() });
  const warm = createWarmSession<Question, Answered>({
    ...context,
    kind: writing,
    changed,
    isBusy: () => inHand !== undefined,
    isClosing: () => closing,
  });

  const end = (asked: Waiting, answered: Answered | null, error: unknown = null): void => {
    if (asked.ended) return;
    asked.ended = true;
    const { id } = asked;
    const problem = error === null ? null : failureOf(error);
    emit({
      name: 'generation.ended',
      payload: {
        id,
        rows: answered?.rows ?? null,
        seconds: answered?.seconds ?? null,
        error: problem && { code: problem.code, message: problem.message },
      },
    });
  };

  const answer = async (asked: Waiting): Promise<void> => {
    const { id, choice } = asked;
    const { rows, date, alternatives, stream } = asked.request;
    try {
      const { session, places } = await warm.open(choice);
      changed();
      if (asked.ended) return;
      const placed = rows.map((row) => ({ ...row, arm: places[row.arm]! }));
      const answered = await session.ask(id, { rows: placed, date, alternatives, stream }, (news) => {
        if (news.type === 'answering') {
          const { prompts, notices } = news;
          emit({ name: 'generation.prompts', payload: { id, prompts, notices } });
        }
        if (news.type === 'tokens') emit({ name: 'generation.tokens', payload: { id, tokens: news.tokens } });
      });
      end(asked, answered);
    } catch (error) {
      end(asked, null, error);
    }
  };

  const work = async (): Promise<void> => {
    for (inHand = queue.shift(); inHand !== undefined; inHand = queue.shift()) await answer(inHand);
    warm.rest();
    if (!closing) changed();
  };

  const forget = subscribe(({ name }) => {
    if (name === 'models.changed' || name === 'adapters.changed' || name === 'experiments.changed')
      warm.endIfRemoved();
  });

  return {
    defaults: ({ modelId }) => {
      const { directory, hasChatTemplate } = findModel(store, modelId);
      const { settings, from } = readModelDefaults(directory);
      return {
        settings: generationSettingsSchema.parse(settings),
        fromModel: Object.keys(settings) as (keyof typeof settings)[],
        keys: from,
        hasChatTemplate,
      };
    },
    show: () => state(),
    start: (request) => {
      if (closing) throw new WorkbenchError('conflict', 'the workbench is closing');
      const { id = createId() } = request;
      if (inHand?.id === id || queue.some((waiting) => waiting.id === id))
        throw new WorkbenchError('conflict', `"${id}" is being answered already; choose another id`);
      queue.push({ id, request, choice: chooseSession(store, request), ended: false });
      if (inHand === undefined) working = work();
      return { id };
    },
    cancel: ({ id }) => {
      const place = queue.findIndex((waiting) => waiting.id === id);
      if (place !== -1) end(queue.splice(place, 1)[0]!, null);
      if (inHand?.id !== id) return {};
      // Before the model is there, nobody writes who could be stopped.
      if (!warm.drop(id)) end(inHand, null);
      return {};
    },
    release: async () => {
      if (inHand !== undefined)
        throw new WorkbenchError('conflict', 'the model is answering; stop that first');
      await warm.end();
      return {};
    },
    vote: (vote) => castVote(store, vote),
    tallies: ({ modelId }) => listTallies(store, modelId),
    /** Frees the memory for something else. @returns whether there was any to free */
    makeRoom: () => warm.giveWay('the model was taken out of memory for a run; ask again when that is done'),
    /** The same for another model that is asked, unless this one is answering. */
    makeRoomIfIdle: (): Promise<boolean> =>
      inHand === undefined
        ? warm.giveWay('the model was taken out of memory for another')
        : Promise.resolve(false),
    close: async (graceMilliseconds: number): Promise<void> => {
      closing = true;
      forget();
      for (const waiting of queue.splice(0)) end(waiting, null);
      await warm.end(graceMilliseconds);
      await working;
    },
  } satisfies WorkbenchMethods['generation'] & {
    close: unknown;
    makeRoom: unknown;
    makeRoomIfIdle: unknown;
  };
};
