import { datasetFormatSchema } from '../api/contract.ts';
import type { DatasetFormat } from '../api/contract.ts';
import { check, inOneLine, problemText } from '../engine/problems.ts';
import { invalidInput } from '../engine/errors.ts';
import { readText } from '../engine/formats/json-text.ts';
import { givenSource } from '../services/shared/given-path.ts';

export interface DatasetFormatOptions {
  readonly format?: string;
  readonly text?: string;
  readonly prompt?: string;
  readonly completion?: string;
  readonly chat?: string;
  readonly pair?: string;
  readonly label?: string;
  readonly tools?: string;
  readonly system?: string;
  readonly documents?: string;
  readonly template?: string;
}

export const datasetFormatFlags: Readonly<Record<string, string>> = {
  '--text <column>': 'train on this column',
  '--prompt <column>': 'the prompt: a column, or a template with {column} in it',
  '--completion <column>': 'the completion: likewise',
  '--chat <column>': 'the column with the messages of a chat',
  '--tools <column>': 'a column with the tools of a chat; with --chat',
  '--system <column>': 'a column with the system prompt of a chat; with --chat',
  '--documents <column>': 'a column with the documents of a chat; with --chat',
  '--template <file>': "a Jinja file in place of the model's chat template; with --chat",
  '--label <column>': 'the class of each row, for classifiers; with --text',
  '--pair <column>': 'a second text beside --text, for classes of pairs',
  '--format <json>': 'all of that as the API takes it',
};

/** The format that the flags name; undefined when none does, and it is to be found from the columns. */
export const readDatasetFormat = (options: DatasetFormatOptions): DatasetFormat | undefined => {
  const { format, text, prompt, completion, chat, pair, label, tools, system, documents, template } = options;
  const isPair = prompt !== undefined || completion !== undefined;
  const ways = [format !== undefined, text !== undefined, isPair, chat !== undefined].filter(Boolean).length;
  if (ways > 1) throw invalidInput('give one of --text, --prompt with --completion, --chat, or --format');
  if (pair !== undefined && label === undefined) throw invalidInput('--pair goes with --text and --label');
  const beside = Object.entries({ tools, system, documents }).filter(([, column]) => column !== undefined);
  if (beside.length > 0 && chat === undefined) throw invalidInput(`--${beside[0]![0]} goes with --chat`);
  if (template !== undefined && chat === undefined) throw invalidInput('--template goes with --chat');
  if (label !== undefined) {
    if (text === undefined) throw invalidInput('--label goes with --text');
    return { kind: 'classification', text, ...(pair !== undefined && { pair }), label };
  }
  if (isPair) {
    if (prompt === undefined || completion === undefined)
      throw invalidInput('--prompt and --completion go together');
    return { kind: 'prompt-completion', prompt, completion };
  }
  if (text !== undefined) return { kind: 'text', column: text };
  if (chat !== undefined)
    return {
      kind: 'chat',
      column: chat,
      ...Object.fromEntries(beside),
      ...(template !== undefined && { template: readText(givenSource(template, '--template')) }),
    };
  return format === undefined ? undefined : parseFormat(format);
};

const parseFormat = (text: string): DatasetFormat => {
  const { value, problems } = check(datasetFormatSchema, parseJson(text));
  if (value === null) throw invalidInput(`--format: ${inOneLine(problems.map(problemText))}`);
  return value;
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalidInput('--format: not JSON', { cause: error });
  }
};
