import { invalidInput, WorkbenchError } from '../../errors.ts';
import { createChatReader, type ChatReader } from '../chat/chat-tokens.ts';
import { readConversation } from '../chat/conversation.ts';
import { ownTemplate, withTemplate } from '../chat/own-template.ts';
import type { Dataset } from '../files/dataset-file.ts';
import { fillTemplate } from '../files/dataset-format.ts';
import type { TokenFormat } from '../files/dataset-format.ts';
import { countRowNotices } from '../tokens/row-notices.ts';
import { columnText } from '../tokens/row-text.ts';
import { completionTokens, textTokens, type RowTokens } from '../tokens/row-tokens.ts';
import type { Tokenizer } from '../tokens/tokenizer.ts';

/** One tokenized row. */
export interface Example {
  readonly inputIds: Int32Array;
  /** 1 where the token is a target of the loss, 0 where it is context only. As long as inputIds. */
  readonly targets: Uint8Array;
  /** Which text of a pair each token belongs to, 0 or 1; all 0 where absent. */
  readonly types?: Uint8Array;
  /** The class of the whole row; absent where tokens are what is predicted. */
  readonly label?: number;
  /** Index of its row in the data set. */
  readonly sourceRow: number;
}

export interface ExampleOptions {
  readonly dataset: Dataset;
  readonly format: TokenFormat;
  readonly tokenizer: Tokenizer;
  /** 'completion': only what the model is to write; 'all': prompts too. Text rows are always targets as a whole. */
  readonly lossOn: 'completion' | 'all';
  /** The day that a chat template which asks for the date is told, by its UTC fields. */
  readonly date: Date;
  /** In tokens; longer examples lose their end. */
  readonly maxLength: number;
}

export interface ExamplesReport {
  readonly rows: number;
  /** Examples made. */
  readonly kept: number;
  /** Examples that lost their end, kept or not. */
  readonly truncated: number;
  /** Rows left out because no target was left in them. */
  readonly withoutTargets: number;
  /** Tokens of the kept examples. */
  readonly tokens: number;
  /** Targets that the loss will count; a row's first token never is one. */
  readonly targetTokens: number;
}

export interface Examples {
  readonly examples: Example[];
  readonly report: ExamplesReport;
  /** What a person should know of rows that are trained on: a sentence each, with how many rows it is about. */
  readonly notices: readonly string[];
}

/**
 * Tokenizes the rows of a data set and marks the targets of the loss.
 *
 * A row is one text, encoded as a whole; what is learnt of it is found by where in the text its tokens come from.
 *
 * - text: all tokens are targets; BOS if the tokenizer puts it there, EOS behind it if the tokenizer has one.
 * - prompt-completion: framed as a text; the completion and EOS are targets.
 * - chat: rendered by the model's template; the assistant's turns and the tokens that end them are targets.
 *
 * @throws WorkbenchError naming the row's line, or saying why no example has a target
 */
export const buildExamples = (options: ExampleOptions): Examples => {
  const { dataset, tokenizer, maxLength } = options;
  const { rows } = dataset;
  const read = createRowReader(options);
  const noticed = countRowNotices();
  const examples: Example[] = [];
  let truncated = 0;
  let targetTokens = 0;
  let tokens = 0;
  for (let sourceRow = 0; sourceRow < rows.length; sourceRow++) {
    const { ids, targets, notes } = read.row(sourceRow);
    noticed.add(notes);
    if (ids.length > maxLength) truncated += 1;
    const example = {
      inputIds: Int32Array.from(ids.slice(0, maxLength)),
      targets: targets.slice(0, maxLength),
      sourceRow,
    };
    const count = example.targets.subarray(1).reduce((sum, target) => sum + target, 0);
    if (count === 0) continue;
    examples.push(example);
    targetTokens += count;
    tokens += example.inputIds.length;
  }
  const report = {
    rows: rows.length,
    kept: examples.length,
    truncated,
    withoutTargets: rows.length - examples.length,
    tokens,
    targetTokens,
  };
  if (examples.length === 0) throw everythingMasked(options, report);
  const notices = [...noticed.sentences(rows.length, tokenizer.bosToken), ...read.notices(rows.length)];
  return { examples, report, notices };
};

export interface RowReader {
  /** The tokens of a row, whole. @throws WorkbenchError naming its line */
  row(index: number): RowTokens;
  /** What the rows so far have shown. */
  notices(rows: number): string[];
}

/** Tokenizes rows one by one, as training has them. */
export const createRowReader = (options: Omit<ExampleOptions, 'maxLength'>): RowReader => {
  const templated = withTemplate(options.tokenizer, ownTemplate(options.format));
  const chats = createChatReader(templated, options.lossOn, { date: options.date });
  return { row: (index) => tokenizeRow(options, chats, index), notices: chats.notices };
};

const tokenizeRow = (
  options: Omit<ExampleOptions, 'maxLength'>,
  chats: ChatReader,
  rowIndex: number,
): RowTokens => {
  const { dataset, format, tokenizer, lossOn } = options;
  const place = `${dataset.name}, line ${dataset.lineOf(rowIndex)}`;
  const row = dataset.rows.at(rowIndex);
  const textOf = (column: string): string => columnText(row, column, place);
  switch (format.kind) {
    case 'text':
      return textTokens(tokenizer, textOf(format.column));
    case 'prompt-completion': {
      const [prompt, completion] = [format.prompt, format.completion].map((part) =>
        fillTemplate(part, textOf),
      );
      return completionTokens(tokenizer, prompt!, completion!, lossOn);
    }
    case 'chat': {
      const conversation = readConversation(row, format, place);
      return namingPlace(`${place}, ${format.column}`, () => chats.read(conversation));
    }
  }
};

const namingPlace = <Result>(place: string, make: () => Result): Result => {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof WorkbenchError)) throw error;
    throw new WorkbenchError(error.code, `${place}: ${error.message}`, { cause: error });
  }
};

const everythingMasked = (
  { dataset, format, maxLength, lossOn }: ExampleOptions,
  { rows, truncated }: ExamplesReport,
): WorkbenchError => {
  const reason =
    truncated > 0
      ? `${truncated} of ${rows} rows are longer than ${maxLength} tokens, and what was cut off held all of their targets; use a longer sequence length`
      : format.kind === 'chat' && lossOn === 'completion'
        ? 'no conversation has a turn of the role "assistant" that is to be learnt'
        : 'the texts are empty';
  return invalidInput(`${dataset.name}: no row has a token to learn: ${reason}`);
};
