import { datasetFormatSchema } from '../../../../main/api/contract.ts';
import type { DatasetFormat } from '../../../../main/api/contract.ts';

type FormatKind = DatasetFormat['kind'];

/** What a person says of a format: a text for each of its parts. */
export interface FormatPart {
  readonly name: string;
  readonly label: string;
  /** What its columns are for, in a word. */
  readonly use: string;
  readonly placeholder: string;
  readonly hint?: string;
  readonly isOptional?: true;
  /** A column's name, or a template that may have several lines. */
  readonly isTemplate?: true;
}

const template = 'A column, or a template: {question}';

export const formatParts: Readonly<Record<FormatKind, readonly FormatPart[]>> = {
  text: [{ name: 'column', label: 'Column', use: 'text', placeholder: 'text' }],
  'prompt-completion': [
    {
      name: 'prompt',
      label: 'Prompt',
      use: 'prompt',
      placeholder: 'prompt',
      hint: template,
      isTemplate: true,
    },
    {
      name: 'completion',
      label: 'Completion',
      use: 'completion',
      placeholder: 'completion',
      isTemplate: true,
    },
  ],
  chat: [
    { name: 'column', label: 'Column', use: 'messages', placeholder: 'messages' },
    {
      name: 'tools',
      label: 'Column of tools (optional)',
      use: 'tools',
      placeholder: 'none',
      isOptional: true,
    },
    {
      name: 'system',
      label: 'Column of system texts (optional)',
      use: 'system',
      placeholder: 'none',
      isOptional: true,
    },
    {
      name: 'documents',
      label: 'Column of documents (optional)',
      use: 'documents',
      placeholder: 'none',
      isOptional: true,
    },
  ],
  classification: [
    { name: 'text', label: 'Text', use: 'text', placeholder: 'text', isTemplate: true },
    {
      name: 'pair',
      label: 'Second text (optional)',
      use: 'second text',
      placeholder: 'none',
      hint: 'Where a pair is judged.',
      isOptional: true,
      isTemplate: true,
    },
    {
      name: 'label',
      label: 'Class',
      use: 'class',
      placeholder: 'label',
      hint: 'A column of names or whole numbers.',
    },
  ],
};

export const partOf = (format: DatasetFormat | null, name: string): string =>
  (format as Readonly<Record<string, string>> | null)?.[name] ?? '';

/** An optional part without a text is none. */
export const formatOfKind = (kind: FormatKind, textOf: (name: string) => string): DatasetFormat =>
  Object.fromEntries([
    ['kind', kind],
    ...formatParts[kind]
      .filter(({ name, isOptional }) => !isOptional || textOf(name) !== '')
      .map(({ name }) => [name, textOf(name)]),
  ]) as DatasetFormat;

export const withPart = (format: DatasetFormat, name: string, text: string): DatasetFormat => {
  const changed = formatOfKind(format.kind, (part) => (part === name ? text : partOf(format, part)));
  return format.kind === 'chat' && format.template !== undefined
    ? ({ ...changed, template: format.template } as DatasetFormat)
    : changed;
};

export const isWhole = (format: DatasetFormat): boolean => datasetFormatSchema.safeParse(format).success;

/** What a column is for, of the parts of a format that take something from it. */
export const usesOf = (kind: FormatKind, parts: readonly string[]): string[] =>
  formatParts[kind].filter(({ name }) => parts.includes(name)).map(({ use }) => use);
