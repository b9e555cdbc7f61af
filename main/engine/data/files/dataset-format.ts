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
    /** A Jinja template in place of the model's own ones. */
    template: z.string().min(1).max(200_000).optional(),
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

const placeholder = /\{([^{}\n]+)\}/g;

/** The columns that a prompt or completion takes its text from. */
export const columnsOf = (template: string): string[] => {
  const names = [...template.matchAll(placeholder)].map((match) => match[1]!);
  return names.length === 0 ? [template] : [...new Set(names)];
};

/** What a format takes from which columns: a part of it, by its name, and the columns that part names. */
export const partsOf = (format: DatasetFormat): { readonly part: string; readonly columns: string[] }[] => {
  const given = (parts: Readonly<Record<string, string[] | undefined>>) =>
    Object.entries(parts).flatMap(([part, columns]) => (columns === undefined ? [] : [{ part, columns }]));
  const one = (column: string | undefined): string[] | undefined =>
    column === undefined ? undefined : [column];
  switch (format.kind) {
    case 'text':
      return given({ column: [format.column] });
    case 'prompt-completion':
      return given({ prompt: columnsOf(format.prompt), completion: columnsOf(format.completion) });
    case 'chat':
      return given({
        column: [format.column],
        tools: one(format.tools),
        system: one(format.system),
        documents: one(format.documents),
      });
    case 'classification':
      return given({
        text: columnsOf(format.text),
        pair: format.pair === undefined ? undefined : columnsOf(format.pair),
        label: [format.label],
      });
  }
};

/** All columns that a format takes something from. */
export const usedColumns = (format: DatasetFormat): string[] =>
  partsOf(format).flatMap(({ columns }) => columns);

/** The columns of a file that training doesn't see. */
export const unusedColumns = (format: DatasetFormat, columns: readonly string[]): string[] => {
  const used = new Set(usedColumns(format));
  return columns.filter((column) => !used.has(column));
};

/**
 * Fills a template; one without placeholders is a column's name. A line that holds nothing but placeholders that are all empty is left out,
 * so that "{instruction}\n{input}" without input doesn't end in a line break.
 * @param valueOf a column's text
 */
export const fillTemplate = (template: string, valueOf: (column: string) => string): string => {
  if (template.search(placeholder) === -1) return valueOf(template);
  return template
    .split('\n')
    .filter((line) => {
      const isOnlyPlaceholders =
        line.search(placeholder) !== -1 && line.replaceAll(placeholder, '').trim() === '';
      return (
        !isOnlyPlaceholders ||
        line.replaceAll(placeholder, (_, column: string) => valueOf(column)).trim() !== ''
      );
    })
    .join('\n')
    .replaceAll(placeholder, (_, column: string) => valueOf(column));
};
