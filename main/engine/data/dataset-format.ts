import { z } from 'zod';

/**
 * How a row becomes training text. Pure: a browser can import this.
 * `prompt`, `completion`, and the `text` and `pair` of a class are a column's name or a template with {column} placeholders, as in "{instruction}\n{input}".
 */
export const datasetFormatSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('text'), column: z.string().min(1) }),
  z.object({
    kind: z.literal('prompt-completion'),
    prompt: z.string().min(1),
    completion: z.string().min(1),
  }),
  z.object({
    kind: z.literal('chat'),
    column: z.string().min(1),
    /** Columns with what a template takes beside the messages. */
    tools: z.string().min(1).optional(),
    system: z.string().min(1).optional(),
    documents: z.string().min(1).optional(),
  }),
  z.object({
    kind: z.literal('classification'),
    text: z.string().min(1),
    /** A second text, where what is judged is a pair. */
    pair: z.string().min(1).optional(),
    /** The column with the class of the row: a name, or a whole number. */
    label: z.string().min(1),
  }),
]);

export type DatasetFormat = z.infer<typeof datasetFormatSchema>;
export type ClassificationFormat = Extract<DatasetFormat, { kind: 'classification' }>;
/** Text to be continued, with or without a part that is given. */
export type TokenFormat = Exclude<DatasetFormat, ClassificationFormat>;

/** Guesses from the columns, and from the first row where a name alone is ambiguous. Undefined: the person must say. */
export function detectDatasetFormat(
  columns: readonly string[],
  firstRow: Readonly<Record<string, unknown>>,
): DatasetFormat | undefined {
  const has = (...names: string[]): boolean => names.every((name) => columns.includes(name));
  const firstOf = (...names: string[]): string | undefined => names.find((name) => columns.includes(name));

  const chat = firstOf('messages', 'conversations', 'conversation');
  if (chat !== undefined && Array.isArray(firstRow[chat])) return { kind: 'chat', column: chat };

  const answer = firstOf('output', 'response', 'completion', 'answer');
  if (has('instruction') && answer !== undefined) {
    return {
      kind: 'prompt-completion',
      prompt: has('input') ? '{instruction}\n{input}' : 'instruction',
      completion: answer,
    };
  }
  const prompt = firstOf('prompt', 'question', 'input');
  const completion = firstOf('completion', 'response', 'answer', 'output');
  if (prompt !== undefined && completion !== undefined)
    return { kind: 'prompt-completion', prompt, completion };

  const label = firstOf('label', 'labels', 'class', 'category');
  if (label !== undefined && isLabel(firstRow[label])) {
    const pair = textPairs.find((names) => has(...names));
    const judged = pair?.[0] ?? firstOf(...judgedTexts);
    if (judged !== undefined)
      return { kind: 'classification', text: judged, ...(pair && { pair: pair[1] }), label };
  }

  const text = firstOf('text', 'content');
  if (text !== undefined) return { kind: 'text', column: text };
  const [only] = columns;
  return columns.length === 1 && typeof firstRow[only!] === 'string'
    ? { kind: 'text', column: only! }
    : undefined;
}

/** Columns of the well-known sets of pairs. */
const textPairs = [
  ['sentence1', 'sentence2'],
  ['premise', 'hypothesis'],
  ['question1', 'question2'],
  ['question', 'sentence'],
  ['question', 'passage'],
  ['text1', 'text2'],
] as const;

const judgedTexts = ['text', 'sentence', 'content', 'review', 'title'];

const isLabel = (value: unknown): boolean =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

const placeholder = /\{([^{}\n]+)\}/g;

/** The columns that a prompt or completion takes its text from. */
export function columnsOf(template: string): string[] {
  const names = [...template.matchAll(placeholder)].map((match) => match[1]!);
  return names.length === 0 ? [template] : [...new Set(names)];
}

/**
 * Fills a template; one without placeholders is a column's name. A line that holds nothing but placeholders that are all empty is left out,
 * so that "{instruction}\n{input}" without input doesn't end in a line break.
 * @param valueOf a column's text
 */
export function fillTemplate(template: string, valueOf: (column: string) => string): string {
  if (template.search(placeholder) === -1) return valueOf(template);
  return template
    .split('\n')
    .filter((line) => {
      const isOnlyPlaceholders = line !== '' && line.replaceAll(placeholder, '').trim() === '';
      return (
        !isOnlyPlaceholders ||
        line.replaceAll(placeholder, (_, column: string) => valueOf(column)).trim() !== ''
      );
    })
    .join('\n')
    .replaceAll(placeholder, (_, column: string) => valueOf(column));
}
