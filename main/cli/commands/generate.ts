import { text as readAll } from 'node:stream/consumers';
import type { Command } from 'commander';
import type { GeneratedToken, GenerationAnswer, GenerationSettings, Prompt } from '../../api/contract.ts';
import { invalidInput } from '../../engine/errors.ts';
import { addCommand, type CommandContext, type Outcome } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { askModel } from '../generation/ask-model.ts';
import { generateOverFile } from '../generation/generate-over-file.ts';
import {
  defaultsNotice,
  generationFlags,
  readBase,
  readDate,
  readSettings,
  type GenerationFlags,
} from '../generation/generation-flags.ts';
import { armFlags, pickArms, type ArmFlags, type PickedArms } from '../generation/pick-arms.ts';
import { printable } from '../generation/printable.ts';
import type { PromptColumns } from '../generation/prompt-rows.ts';
import { givenPath, givenSource } from '../given-path.ts';
import { onInterrupt } from '../interrupts.ts';
import { wholeNumber } from '../numbers.ts';

interface GenerateOptions extends GenerationFlags, ArmFlags, PromptColumns {
  readonly prompt?: string;
  readonly message?: string;
  readonly system?: string;
  readonly file?: string;
  readonly output?: string;
  readonly batch?: string;
  readonly probabilities?: string;
  readonly json?: true;
}

export const addGenerateCommand = (program: Command): void =>
  addCommand<GenerateOptions>(program, {
    usage: 'generate <model>',
    description: 'have a model, or adapters on it, write',
    options: {
      ...armFlags,
      '--prompt <text>': 'go on from this text as it stands; - reads it from standard input',
      '--message <text>':
        "answer this message, through the model's chat template; - reads it from standard input",
      '--system <text>': 'a system message before it',
      '--file <rows>': 'answer every row of a file: prompts, texts, or chats up to the last answer',
      '--prompt-column <column>': 'of the file: a column, or a template with {column} in it',
      '--chat-column <column>': 'of the file: the column with the messages of a chat',
      '--output <file>':
        'where the answers to a file go, as JSON lines; the same command goes on where it was stopped',
      '--batch <rows>': 'rows of the file that are answered at once; 8 otherwise',
      '--probabilities <count>':
        'with --json: the probability of each token, and so many of the likeliest in its place',
      ...generationFlags,
    },
    run: async (context, options, wanted = '') => {
      const arms = await pickArms(context, wanted, options);
      const defaults = await context.call('generation.defaults', { modelId: arms.model.id });
      const asking = {
        ...arms,
        settings: readSettings(options, defaults),
        date: readDate(options.date),
        baseFormat: readBase(options.base),
      };
      const notice = defaultsNotice(defaults, options);
      if (notice !== null) context.progress.note(notice);
      if (options.file === undefined) return generateOnce(context, asking, options);
      if (options.output === undefined) throw invalidInput('--output: say where the answers to --file go');
      if (options.prompt !== undefined || options.message !== undefined)
        throw invalidInput('give one of --prompt, --message and --file');
      return generateOverFile(context, asking, {
        file: givenSource(options.file, '--file'),
        output: givenPath(options.output, '--output'),
        batch: wholeNumber(options.batch, '--batch', 64) ?? 8,
        promptColumn: options.promptColumn,
        chatColumn: options.chatColumn,
      });
    },
  });

interface Asking extends PickedArms {
  readonly settings: GenerationSettings;
  readonly date: string;
  readonly baseFormat: ReturnType<typeof readBase>;
}

const generateOnce = async (
  context: CommandContext,
  { model, arms, settings, date, baseFormat }: Asking,
  options: GenerateOptions,
): Promise<Outcome | null> => {
  const prompt = await readPrompt(options);
  const alternatives = wholeNumber(options.probabilities, '--probabilities', 20);
  const isStreamed = options.json !== true && arms.length === 1;
  const tokens: GeneratedToken[][] = arms.map(() => []);
  const { answer, stop } = askModel(
    context,
    {
      modelId: model.id,
      arms: arms.map(({ id }) => id),
      rows: arms.map((_, arm) => ({ arm, prompt, settings })),
      date,
      baseFormat,
      alternatives: alternatives ?? 0,
    },
    {
      onNotices: (notices) => notices.forEach((notice) => context.progress.note(`Note: ${notice}`)),
      onTokens: (news) => {
        for (const token of news) tokens[token.row]!.push(token);
        if (isStreamed) process.stdout.write(printable(news.map(({ text }) => text).join('')));
      },
    },
  );
  const handBack = onInterrupt(stop);
  try {
    const written = await answer;
    const isStopped = written === null || written.rows.some(({ finish }) => finish === 'cancelled');
    const exitCode = isStopped ? exitCodes.interrupted : exitCodes.done;
    const document = documentOf(arms, prompt, settings, written, alternatives === undefined ? null : tokens);
    return { document, text: isStreamed ? '' : sideBySide(arms, written), exitCode };
  } finally {
    handBack();
  }
};

const readPrompt = async ({ prompt, message, system }: GenerateOptions): Promise<Prompt> => {
  if ((prompt === undefined) === (message === undefined))
    throw invalidInput('give one of --prompt, --message and --file');
  if (prompt !== undefined) {
    if (system !== undefined) throw invalidInput('--system goes with --message');
    return { form: 'text', text: await textOrInput(prompt) };
  }
  const asked = { role: 'user', content: await textOrInput(message!) };
  return {
    form: 'chat',
    messages: system === undefined ? [asked] : [{ role: 'system', content: system }, asked],
  };
};

/** A file that is piped in ends with a line break that nobody means. */
const textOrInput = async (given: string): Promise<string> =>
  given === '-' ? (await readAll(process.stdin)).replace(/\r?\n$/, '') : given;

const documentOf = (
  arms: PickedArms['arms'],
  prompt: Prompt,
  settings: GenerationSettings,
  written: GenerationAnswer | null,
  tokens: readonly (readonly GeneratedToken[])[] | null,
) => ({
  prompt,
  settings,
  seconds: written?.seconds ?? null,
  answers: (written?.rows ?? []).map((row, at) => ({
    arm: arms[at]!.name,
    ...row,
    ...(tokens && { probabilities: tokens[at]!.map(({ row: _, ...token }) => token) }),
  })),
});

const sideBySide = (arms: PickedArms['arms'], written: GenerationAnswer | null): string =>
  (written?.rows ?? []).map(({ text }, at) => `== ${arms[at]!.name}\n${printable(text)}`).join('\n\n');
