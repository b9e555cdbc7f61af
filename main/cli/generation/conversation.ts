import { createInterface } from 'node:readline';
import type { BaseFormat, GenerationSettings, PromptMessage } from '../../api/contract.ts';
import { WorkbenchError } from '../../engine/errors.ts';
import type { CommandContext, Outcome } from '../command.ts';
import { askModel, type AskedModel } from './ask-model.ts';
import { chatCommands, readCommand, type ConversationState } from './chat-commands.ts';
import { printable } from './printable.ts';

export interface ConversationOptions {
  readonly modelId: string;
  /** Who answers, for people. */
  readonly name: string;
  /** An adapter's id; null is the model itself. */
  readonly arm: string | null;
  readonly system: string | null;
  readonly settings: GenerationSettings;
  readonly date: string;
  readonly baseFormat: BaseFormat;
  /** Says nothing until the end: the whole conversation is the result. */
  readonly isQuiet: boolean;
}

/**
 * Reads turns from standard input, a line each, and writes answers to standard output, until the input ends or /quit. Ctrl-C stops an answer;
 * while nothing is being answered, it ends the conversation.
 */
export const holdConversation = async (
  context: CommandContext,
  { modelId, name, arm, system, settings, date, baseFormat, isQuiet }: ConversationOptions,
): Promise<Outcome | null> => {
  const { progress } = context;
  const isTyped = process.stdin.isTTY && !isQuiet;
  const state: ConversationState = { system, turns: [], settings };
  const told = new Set<string>();
  let asked: AskedModel | undefined;

  const lines = createInterface({
    input: process.stdin,
    ...(isTyped && { output: process.stdout, prompt: '> ', terminal: true }),
  });
  const interrupt = (): void => (asked === undefined ? lines.close() : asked.stop());
  lines.on('SIGINT', interrupt); // of a terminal that the line editor reads from
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);

  const answer = async (content: string): Promise<void> => {
    const said: PromptMessage = { role: 'user', content };
    const before = state.system === null ? [] : [{ role: 'system', content: state.system }];
    const prompt = { form: 'chat' as const, messages: [...before, ...state.turns, said] };
    asked = askModel(
      context,
      { modelId, arms: [arm], rows: [{ arm: 0, prompt, settings: state.settings }], date, baseFormat },
      {
        onNotices: (notices) => {
          for (const notice of notices.filter((one) => !told.has(one))) progress.note(`Note: ${notice}`);
          for (const notice of notices) told.add(notice);
        },
        onTokens: (tokens) => {
          if (!isQuiet) process.stdout.write(printable(tokens.map(({ text }) => text).join('')));
        },
      },
    );
    try {
      const row = (await asked.answer)?.rows[0];
      // An answer that was stopped stays as far as it went; one that never began leaves no trace.
      if (row !== undefined) state.turns.push(said, { role: 'assistant', content: row.text });
      if (!isQuiet) process.stdout.write(row?.finish === 'cancelled' ? ' [stopped]\n\n' : '\n\n');
    } finally {
      asked = undefined;
    }
  };

  if (!isQuiet && isTyped) progress.note(`${name}. ${chatCommands} Ctrl-C stops an answer.`);
  try {
    lines.prompt();
    for await (const line of lines) {
      const command = readCommand(line, state);
      if (command === 'quit') break;
      if (command !== null) progress.note(command.say);
      else if (line.trim() !== '') await orSay(() => answer(line), isTyped ? progress.note : null);
      if (isTyped) lines.prompt();
    }
  } finally {
    lines.close();
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
  if (!isQuiet) return null;
  const messages = [
    ...(state.system === null ? [] : [{ role: 'system', content: state.system }]),
    ...state.turns,
  ];
  return { document: { model: modelId, adapter: arm, settings: state.settings, messages }, text: '' };
};

/** A person who types goes on after an error; a script that is piped in must not. */
const orSay = async (work: () => Promise<void>, say: ((line: string) => void) | null): Promise<void> => {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof WorkbenchError) || say === null) throw error;
    say(`error: ${error.message}`);
  }
};
