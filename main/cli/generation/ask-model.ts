import type { GeneratedToken, GenerationAnswer, GenerationRequestInput } from '../../api/contract.ts';
import { WorkbenchError } from '../../engine/errors.ts';
import { createId } from '../../services/shared/identifiers.ts';
import type { CommandContext } from '../command.ts';

export interface AskListener {
  readonly onTokens?: (tokens: readonly GeneratedToken[]) => void;
  /** What a person should know of how the prompt became text. */
  readonly onNotices?: (notices: readonly string[]) => void;
}

export interface AskedModel {
  /** Null where it was stopped before it began. */
  readonly answer: Promise<GenerationAnswer | null>;
  readonly stop: () => void;
}

type Asking = Pick<CommandContext, 'call' | 'router'>;

/** Asks once and waits. The answer rejects with WorkbenchError where there can be none. */
export const askModel = (
  { call, router }: Asking,
  request: GenerationRequestInput,
  { onTokens, onNotices }: AskListener = {},
): AskedModel => {
  const id = createId();
  const { promise, resolve, reject } = Promise.withResolvers<GenerationAnswer | null>();
  const unsubscribe = router.subscribe((event) => {
    switch (event.name) {
      case 'generation.prompts':
        return event.payload.id === id ? onNotices?.(event.payload.notices) : undefined;
      case 'generation.tokens':
        return event.payload.id === id ? onTokens?.(event.payload.tokens) : undefined;
      case 'generation.ended': {
        const { rows, seconds, error } = event.payload;
        if (event.payload.id !== id) return;
        if (error !== null) return reject(new WorkbenchError(error.code, error.message));
        return resolve(rows === null ? null : { rows, seconds: seconds ?? 0 });
      }
    }
  });
  const ask = async (): Promise<GenerationAnswer | null> => {
    try {
      await call('generation.start', { ...request, id });
      return await promise;
    } finally {
      unsubscribe();
    }
  };
  return { answer: ask(), stop: () => void call('generation.cancel', { id }).catch(() => undefined) };
};
