import { datasetFormatSchema } from '../../../../main/api/contract.ts';
import type { DatasetFormat } from '../../../../main/api/contract.ts';

type FormatKind = DatasetFormat['kind'];

/** What a person says of a format: a text for each of its parts. */
export interface FormatPart {
  readonly name: string;
  readonly label: string;
  readonly placeholder: string;
  readonly hint?: string;
  readonly isOptional?: true;
  /** A column's name, or a template that may have several lines. */
  readonly isTemplate?: true;
}

const template = 'A column, or a template: {question}';

export const formatParts: Readonly<Record<FormatKind, readonly FormatPart[]>> = {
  text: [{ name: 'column', label: 'Column', placeholder: 'text' }],
  'prompt-completion': [
    { name: 'prompt', label: 'Prompt', placeholder: 'prompt', hint: template, isTemplate: true },
    { name: 'completion', label: 'Completion', placeholder: 'completion', isTemplate: true },
  ],
  chat: [
    { name: 'column', label: 'Column', placeholder: 'messages' },
    { name: 'tools', label: 'Column of tools (optional)', placeholder: 'none', isOptional: true },
    { name: 'system', label: 'Column of system texts (optional)', placeholder: 'none', isOptional: true },
    { name: 'documents', label: 'Column of documents (optional)', placeholder: 'none', isOptional: true },
  ],
  classification: [
    { name: 'text', label: 'Text', placeholder: 'text', isTemplate: true },
    {
      name: 'pair',
      label: 'Second text (optional)',
      placeholder: 'none',
      hint: 'Where a pair is judged.',
      isOptional: true,
      isTemplate: true,
    },
    { name: 'label', label: 'Class', placeholder: 'label', hint: 'A column of names or whole numbers.' },
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

export const withPart = (format: DatasetFormat, name: string, text: string): DatasetFormat =>
  formatOfKind(format.kind, (part) => (part === name ? text : partOf(format, part)));

export const isWhole = (format: DatasetFormat): boolean => datasetFormatSchema.safeParse(format).success;
