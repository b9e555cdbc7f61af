import { WorkbenchError } from '../../engine/errors.ts';
import { assertModelUnchanged } from '../library/model-identity.ts';
import { modelOfAdapter } from '../adapters/model-of-adapter.ts';
import { cacheDirectoryOf } from '../shared/cache-directory.ts';
import type { GenerationState } from '../shared/generation-entities.ts';
import type { AnyQuestion } from '../../trainer/protocol/protocol.ts';
import { startModelSession, type ModelSession, type SessionKind } from './model-session.ts';
import type { SessionContext } from './session-context.ts';
import { memoryNeeded, refuseTooLargeSession } from './memory-needed.ts';
import { armIds, isStillThere, placesIn, type SessionChoice } from './session-choice.ts';

/** How long a session may take to end by itself. */
const graceAtEnd = 2000;

interface Open<Question extends AnyQuestion, Answer> {
  readonly choice: SessionChoice;
  readonly session: ModelSession<Question, Answer>;
  notices: readonly string[] | null;
  /** Whether it has been told to end: it takes no more questions. */
  isEnding: boolean;
  /** Why it was ended by us. */
  reason?: WorkbenchError;
}

export interface WarmSession<Question extends AnyQuestion, Answer> {
  /** The session for a question, and where its arms stand there. @throws WorkbenchError where it can't be opened */
  readonly open: (choice: SessionChoice) => Promise<{
    readonly session: ModelSession<Question, Answer>;
    readonly places: readonly number[];
  }>;
  /** Stops an answer. @returns false where nothing is in memory yet that could be writing it */
  readonly drop: (id: string) => boolean;
  /** Nobody asks: the time until it is ended begins. */
  readonly rest: () => void;
  readonly end: (graceMilliseconds?: number) => Promise<void>;
  /** Ends it at once. @param why whoever waits for an answer is told @returns whether there was anything to end */
  readonly giveWay: (why: string) => Promise<boolean>;
  readonly endIfRemoved: () => void;
  readonly describe: (isAnswering: boolean) => GenerationState['session'];
}

export interface WarmSessionOptions<Answer> extends SessionContext {
  readonly kind: SessionKind<Answer>;
  readonly changed: () => void;
  readonly isBusy: () => boolean;
  readonly isClosing: () => boolean;
}

/** At most one session, kept for as long as it is of use. */
export const createWarmSession = <Question extends AnyQuestion, Answer>(
  context: WarmSessionOptions<Answer>,
): WarmSession<Question, Answer> => {
  const { store, spawnTrainer, dataDirectory, available, idleMilliseconds, makeRoom } = context;
  const { kind, changed, isBusy, isClosing } = context;
  let open: Open<Question, Answer> | undefined;
  let idle: NodeJS.Timeout | undefined;

  const end = async (graceMilliseconds = graceAtEnd): Promise<void> => {
    clearTimeout(idle);
    if (open === undefined) return;
    open.isEnding = true;
    await open.session.end(graceMilliseconds);
  };

  const giveWay = async (why: string): Promise<boolean> => {
    if (open === undefined) return false;
    open.reason = new WorkbenchError('conflict', why);
    await end(isBusy() ? 0 : graceAtEnd);
    return true;
  };

  const start = async (choice: SessionChoice): Promise<Open<Question, Answer>> => {
    const { model, arms, baseFormat } = choice;
    const { files } = await assertModelUnchanged(context, model);
    for (const arm of arms) if (arm !== null) await assertModelUnchanged(context, model, modelOfAdapter(arm));
    const adapterParameters = arms.reduce((sum, arm) => sum + (arm?.trainedParameters ?? 0), 0);
    if (isClosing()) throw new WorkbenchError('conflict', 'the workbench is closing');
    if (memoryNeeded(model, adapterParameters, baseFormat) > available()) await makeRoom();
    refuseTooLargeSession(model, adapterParameters, baseFormat, available());
    const specification = {
      modelDirectory: model.directory,
      modelFiles: [...files],
      arms: arms.map((arm) => arm?.directory ?? null),
      baseFormat,
      cacheDirectory: cacheDirectoryOf(dataDirectory),
      threads: null,
    };
    const session = startModelSession<Question, Answer>(spawnTrainer, specification, kind);
    const started: Open<Question, Answer> = { choice, session, notices: null, isEnding: false };
    open = started;
    void session.gone.then(() => {
      if (open === started) open = undefined;
      changed();
    });
    changed();
    return started;
  };

  return {
    open: async (choice) => {
      clearTimeout(idle);
      if (open === undefined || open.isEnding || placesIn(open.choice, choice) === null) {
        await end();
        open = await start(choice);
      }
      const { session, choice: there } = open;
      const mine = open;
      try {
        open.notices = await session.ready;
      } catch (error) {
        await session.end(0);
        throw mine.reason ?? error;
      }
      return { session: withReason(mine), places: placesIn(there, choice)! };
    },
    drop: (id) => {
      if (open === undefined || open.notices === null) return false;
      open.session.drop(id);
      return true;
    },
    rest: () => {
      clearTimeout(idle);
      idle = setTimeout(() => void end(), idleMilliseconds);
      idle.unref();
    },
    end,
    giveWay,
    endIfRemoved: () => {
      if (open !== undefined && !isStillThere(store, open.choice))
        void giveWay('the model or one of its adapters has been removed');
    },
    describe: (isAnswering) => {
      if (open === undefined) return null;
      const { choice, notices } = open;
      return {
        modelId: choice.model.id,
        modelName: choice.model.name,
        arms: armIds(choice),
        baseFormat: choice.baseFormat,
        state: notices === null ? 'loading' : isAnswering ? 'answering' : 'idle',
        notices: [...(notices ?? [])],
      };
    },
  };
};

/** Whoever loses an answer because we ended the session hears why we did. */
const withReason = <Question extends AnyQuestion, Answer>(
  open: Open<Question, Answer>,
): ModelSession<Question, Answer> => ({
  ...open.session,
  ask: async (...asked) => {
    try {
      return await open.session.ask(...asked);
    } catch (error) {
      throw open.reason ?? error;
    }
  },
});
