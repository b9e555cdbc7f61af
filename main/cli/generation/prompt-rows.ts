import type { DatasetFormat, Prompt } from '../../api/contract.ts';
import { readConversation } from '../../engine/data/chat/conversation.ts';
import { promptMessageSchema, promptSchema } from '../../engine/data/chat/prompt.ts';
import { readDatasetFile, type Dataset } from '../../engine/data/files/dataset-file.ts';
import { fillTemplate } from '../../engine/data/files/dataset-format.ts';
import { recogniseForm } from '../../engine/data/files/recognise-form.ts';
import { columnText } from '../../engine/data/tokens/row-text.ts';
import { invalidInput, WorkbenchError } from '../../engine/errors.ts';
import { checked } from '../../engine/problems.ts';

/** The prompts of a file, and what the rows say the answer is. */
export interface PromptRows {
  readonly length: number;
  /** @param index from 0 @throws WorkbenchError naming the line */
  readonly at: (index: number) => PromptRow;
}

export interface PromptRow {
  readonly prompt: Prompt;
  /** Null where the row has no answer. */
  readonly expected: string | null;
}

/** How columns become prompts where they aren't to be recognised. */
export interface PromptColumns {
  /** A column, or a template with {column} in it: text to go on from. */
  readonly promptColumn?: string;
  /** A column with the messages of a chat. */
  readonly chatColumn?: string;
}

/** Opens a file as datasets are opened: JSONL, JSON, CSV or TSV, its form found from its columns unless they are named. */
export const readPromptRows = (path: string, columns: PromptColumns): PromptRows => {
  const file = readDatasetFile(path);
  const format = formatOf(file, columns);
  return {
    length: file.rows.length,
    at: (index) => promptRow(file, format, index),
  };
};

type PromptFormat = Exclude<DatasetFormat, { kind: 'classification' }>;

const firstRows = 100;

const formatOf = (file: Dataset, { promptColumn, chatColumn }: PromptColumns): PromptFormat => {
  if (promptColumn !== undefined && chatColumn !== undefined)
    throw invalidInput('give one of --prompt-column and --chat-column');
  if (promptColumn !== undefined) return { kind: 'prompt-completion', prompt: promptColumn, completion: '' };
  if (chatColumn !== undefined) return { kind: 'chat', column: chatColumn };
  const rows = Array.from({ length: Math.min(firstRows, file.rows.length) }, (_, at) => file.rows.at(at));
  const onlyPrompt = rows.every((row) => typeof row['prompt'] === 'string' && !('completion' in row));
  if (onlyPrompt) return { kind: 'prompt-completion', prompt: 'prompt', completion: '' };
  const format = recogniseForm(rows, file.name)?.format;
  if (format === undefined)
    throw invalidInput(
      `${file.name}: say which column holds the prompts, with --prompt-column or --chat-column`,
    );
  if (format.kind !== 'classification') return format;
  throw new WorkbenchError(
    'unsupported',
    `${file.name}: has a class for each row; say which column holds the prompts, with --prompt-column`,
  );
};

const promptRow = (file: Dataset, format: PromptFormat, index: number): PromptRow => {
  const place = `${file.name}, line ${file.lineOf(index)}`;
  const row = file.rows.at(index);
  const textOf = (column: string): string => columnText(row, column, place);
  switch (format.kind) {
    case 'text':
      return { prompt: { form: 'text', text: textOf(format.column) }, expected: null };
    case 'prompt-completion':
      return {
        prompt: { form: 'text', text: fillTemplate(format.prompt, textOf) },
        expected: format.completion === '' ? null : fillTemplate(format.completion, textOf),
      };
    case 'chat': {
      const { messages, tools, documents } = readConversation(row, format, place);
      const last = messages.at(-1)!;
      const isAnswer = last.role === 'assistant';
      const asked = (isAnswer ? messages.slice(0, -1) : messages).map((message) =>
        checked(promptMessageSchema, message, place),
      );
      if (asked.length === 0) throw invalidInput(`${place}: nobody asks anything before the assistant`);
      const prompt = checked(
        promptSchema,
        { form: 'chat', messages: asked, ...(tools && { tools }), ...(documents && { documents }) },
        place,
      );
      return { prompt, expected: isAnswer && typeof last.content === 'string' ? last.content : null };
    }
  }
};
