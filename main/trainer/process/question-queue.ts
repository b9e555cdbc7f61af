import type { Asked, SessionContext } from '../protocol/job.ts';
import type { TrainerCommand } from '../protocol/protocol.ts';

type QuestionCommand = Extract<TrainerCommand, { type: 'ask' | 'drop' | 'end' }>;

export interface QuestionQueue {
  readonly next: SessionContext['nextQuestion'];
  /** Takes what is said to a session. @returns what is left of the commands */
  readonly take: (command: TrainerCommand) => command is QuestionCommand;
  /** Stops the answer in hand; there are no more questions. */
  readonly end: () => void;
}

interface Waiting extends Asked {
  readonly controller: AbortController;
}

/** The questions to a session, between the process's messages and the job that answers them one after the other. */
export const createQuestionQueue = (): QuestionQueue => {
  const waiting: Waiting[] = [];
  let inHand: Waiting | null = null;
  let ended = false;
  let wake: (() => void) | undefined;

  const end = (): void => {
    ended = true;
    inHand?.controller.abort();
    wake?.();
  };

  const drop = (id: string): void => {
    if (inHand?.id === id) inHand.controller.abort();
    // One that waits is still answered, with nothing: whoever asked hears of its end.
    waiting.find((asked) => asked.id === id)?.controller.abort();
  };

  const handle = (command: QuestionCommand): void => {
    if (command.type === 'end') return end();
    if (command.type === 'drop') return drop(command.id);
    const controller = new AbortController();
    const { id, question } = command;
    waiting.push({ id, question, signal: controller.signal, controller });
    wake?.();
  };

  return {
    next: async () => {
      while (!ended && waiting.length === 0)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      inHand = ended ? null : waiting.shift()!;
      return inHand;
    },
    take: (command): command is QuestionCommand => {
      if (command.type !== 'ask' && command.type !== 'drop' && command.type !== 'end') return false;
      handle(command);
      return true;
    },
    end,
  };
};
