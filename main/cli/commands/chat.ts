import type { Command } from 'commander';
import { addCommand } from '../command.ts';
import {
  generationFlags,
  readBase,
  readDate,
  readSettings,
  defaultsNotice,
  type GenerationFlags,
} from '../generation/generation-flags.ts';
import { pickArms } from '../generation/pick-arms.ts';
import { holdConversation } from '../generation/conversation.ts';
import { invalidInput } from '../../engine/errors.ts';

interface ChatOptions extends GenerationFlags {
  readonly adapter?: string;
  readonly system?: string;
  readonly json?: true;
}

export const addChatCommand = (program: Command): void =>
  addCommand<ChatOptions>(program, {
    usage: 'chat <model>',
    description: 'talk to a model, or to an adapter on it; a line is a turn, /help shows the commands',
    options: {
      '--adapter <name>': 'an adapter of the model; the model itself otherwise',
      '--system <text>': 'the system message',
      ...generationFlags,
    },
    run: async (context, options, wanted = '') => {
      const { model, arms } = await pickArms(
        context,
        wanted,
        options.adapter === undefined ? {} : { adapter: [options.adapter] },
      );
      const [arm] = arms;
      if (arm === undefined) throw invalidInput('--adapter: expected a name');
      const defaults = await context.call('generation.defaults', { modelId: model.id });
      const notice = defaultsNotice(defaults, options);
      if (notice !== null) context.progress.note(notice);
      return holdConversation(context, {
        modelId: model.id,
        name: arm.id === null ? model.name : `${arm.name} on ${model.name}`,
        arm: arm.id,
        system: options.system ?? null,
        settings: readSettings(options, defaults),
        date: readDate(options.date),
        baseFormat: readBase(options.base),
        isQuiet: options.json === true,
      });
    },
  });
