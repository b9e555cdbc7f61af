import { invalidInput, WorkbenchError } from '../errors.ts';
import { renderChatSpans } from './chat-spans.ts';
import { parseMessages, renderChat } from './chat-template.ts';
import type { Dataset } from './dataset-file.ts';
import { fillTemplate } from './dataset-format.ts';
import type { TokenFormat } from './dataset-format.ts';
import type { Tokenizer } from './tokenizer.ts';
import { scalarText } from './written-number.ts';

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
}

/**
 * Tokenizes the rows of a data set and marks the targets of the loss.
 *
 * - text: all tokens are targets; BOS if the tokenizer puts it there, EOS behind it if the tokenizer has one.
 * - prompt-completion: tokenized apart, so that the completion starts on a token of its own as it does in use; EOS behind it.
 * - chat: rendered by the model's template; the assistant's turns and the tokens that end them are targets.
 *
 * @throws WorkbenchError naming the row's line, or saying why no example has a target
 */
export function buildExamples(options: ExampleOptions): Examples {
  const { dataset, maxLength } = options;
  const examples: Example[] = [];
  let truncated = 0;
  let targetTokens = 0;
  let tokens = 0;
  for (let sourceRow = 0; sourceRow < dataset.rows.length; sourceRow++) {
    const pieces = tokenizeRow(options, sourceRow);
    const length = pieces.reduce((sum, { ids }) => sum + ids.length, 0);
    if (length > maxLength) truncated += 1;
    const example = joinPieces(pieces, Math.min(length, maxLength), sourceRow);
    const count = example.targets.subarray(1).reduce((sum, target) => sum + target, 0);
    if (count === 0) continue;
    examples.push(example);
    targetTokens += count;
    tokens += example.inputIds.length;
  }
  const rows = dataset.rows.length;
  const report = {
    rows,
    kept: examples.length,
    truncated,
    withoutTargets: rows - examples.length,
    tokens,
    targetTokens,
  };
  if (examples.length === 0) throw everythingMasked(options, report);
  return { examples, report };
}

/** Tokens that are all targets or all context. */
interface Piece {
  readonly ids: readonly number[];
  readonly target: boolean;
}

function tokenizeRow({ dataset, format, tokenizer, lossOn }: ExampleOptions, rowIndex: number): Piece[] {
  const place = `${dataset.name}, line ${dataset.lineOf(rowIndex)}`;
  const row = dataset.rows.at(rowIndex);
  const textOf = (column: string): string => columnText(row, column, place);
  const all = lossOn === 'all';
  switch (format.kind) {
    case 'text':
      return [{ ids: withEos(tokenizer, tokenizer.encode(textOf(format.column))), target: true }];
    case 'prompt-completion': {
      const prompt = encodeOpening(tokenizer, fillTemplate(format.prompt, textOf));
      const completion = tokenizer.encodeContinuation(fillTemplate(format.completion, textOf));
      return [
        { ids: prompt, target: all },
        { ids: withEos(tokenizer, completion), target: true },
      ];
    }
    case 'chat':
      return chatPieces(tokenizer, columnValue(row, format.column, place), `${place}, ${format.column}`, all);
  }
}

function chatPieces(tokenizer: Tokenizer, value: unknown, place: string, all: boolean): Piece[] {
  const messages = parseMessages(value, place);
  if (all) {
    const text = namingPlace(place, () => renderChat(tokenizer, messages));
    return [{ ids: tokenizer.encode(text, { addSpecialTokens: false }), target: true }];
  }
  const spans = namingPlace(place, () => renderChatSpans(tokenizer, messages));
  return spans.flatMap(({ text, target }, index) => {
    const ids =
      index === 0 ? tokenizer.encode(text, { addSpecialTokens: false }) : tokenizer.encodeContinuation(text);
    return target ? splitBehindTurn(tokenizer, ids) : [{ ids, target }];
  });
}

/** The line break that templates write behind the token that ends a turn is not for the model to produce. */
function splitBehindTurn(tokenizer: Tokenizer, ids: readonly number[]): Piece[] {
  const end = ids.findLastIndex((id) => tokenizer.isSpecial(id)) + 1;
  const rest = ids.slice(end);
  if (end === 0 || rest.length === 0 || tokenizer.decode(rest).trim() !== '') return [{ ids, target: true }];
  return [
    { ids: ids.slice(0, end), target: true },
    { ids: rest, target: false },
  ];
}

/** With the special tokens that open a text (BOS) but without those that close it (a post-processor's EOS). */
function encodeOpening(tokenizer: Tokenizer, text: string): number[] {
  const ids = tokenizer.encode(text);
  return ids.at(-1) === tokenizer.eosId ? ids.slice(0, -1) : ids;
}

const withEos = ({ eosId }: Tokenizer, ids: readonly number[]): readonly number[] =>
  eosId === undefined || ids.at(-1) === eosId ? ids : [...ids, eosId];

function joinPieces(pieces: readonly Piece[], length: number, sourceRow: number): Example {
  const inputIds = new Int32Array(length);
  const targets = new Uint8Array(length);
  let at = 0;
  for (const { ids, target } of pieces) {
    const kept = ids.slice(0, length - at);
    inputIds.set(kept, at);
    targets.fill(target ? 1 : 0, at, at + kept.length);
    at += kept.length;
  }
  return { inputIds, targets, sourceRow };
}

export function columnText(row: Readonly<Record<string, unknown>>, column: string, place: string): string {
  const value = columnValue(row, column, place);
  const text = scalarText(value);
  if (text !== undefined) return text;
  throw invalidInput(
    `${place}: column "${column}" holds ${Array.isArray(value) ? 'a list' : 'an object'}, not text`,
  );
}

function columnValue(row: Readonly<Record<string, unknown>>, column: string, place: string): unknown {
  if (!Object.hasOwn(row, column)) throw invalidInput(`${place}: column "${column}" is missing`);
  return row[column];
}

function namingPlace<Result>(place: string, make: () => Result): Result {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof WorkbenchError)) throw error;
    throw new WorkbenchError(error.code, `${place}: ${error.message}`, { cause: error });
  }
}

function everythingMasked(
  { dataset, format, maxLength, lossOn }: ExampleOptions,
  { rows, truncated }: ExamplesReport,
): WorkbenchError {
  const reason =
    truncated > 0
      ? `${truncated} of ${rows} rows are longer than ${maxLength} tokens, and what was cut off held all of their targets; use a longer sequence length`
      : format.kind === 'chat' && lossOn === 'completion'
        ? 'no conversation has a turn of the role "assistant"'
        : 'the texts are empty';
  return invalidInput(`${dataset.name}: no row has a token to learn: ${reason}`);
}
