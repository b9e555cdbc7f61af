import { generationSettingsSchema } from '../../api/contract.ts';
import type { GenerationSettings, PromptMessage } from '../../api/contract.ts';
import { countText } from '../quantities.ts';

const mostSeed = 2 ** 32 - 1;

/** What the commands of a conversation change. */
export interface ConversationState {
  system: string | null;
  turns: PromptMessage[];
  settings: GenerationSettings;
}

export const chatCommands =
  '/system TEXT sets the system message, /reset forgets the conversation, /seed NUMBER draws other answers, /quit ends.';

/**
 * Does what a line that begins with a slash says.
 * @returns null where the line is a turn; otherwise 'quit', or what to tell the person
 */
export const readCommand = (line: string, state: ConversationState): { say: string } | 'quit' | null => {
  const [, name, rest = ''] = /^\/(\w+)(?:\s+(.*))?$/.exec(line.trim()) ?? [];
  switch (name) {
    case undefined:
      return null;
    case 'quit':
    case 'exit':
      return 'quit';
    case 'help':
      return { say: chatCommands };
    case 'reset':
      state.turns = [];
      return { say: 'Forgotten; the system message stays.' };
    case 'system':
      state.system = rest === '' ? null : rest;
      return { say: rest === '' ? 'No system message.' : 'From now on with this system message.' };
    case 'seed': {
      const read = generationSettingsSchema.shape.seed.safeParse(rest === '' ? Number.NaN : Number(rest));
      if (!read.success)
        return { say: `/seed: expected a whole number of at most ${countText(mostSeed)}, not "${rest}"` };
      state.settings = { ...state.settings, seed: read.data };
      const greedy = state.settings.temperature === 0 ? ' (at temperature 0 nothing is drawn)' : '';
      return { say: `Seed ${read.data}${greedy}.` };
    }
    default:
      return { say: `There is no /${name}. ${chatCommands}` };
  }
};
