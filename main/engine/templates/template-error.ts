/**
 * Why a template could not be rendered.
 *
 * - raised: its own raise_exception objects to the conversation
 * - failed: Jinja2 would stop here too: an operation on a value of the wrong kind, an undefined value, a missing filter
 * - syntax: Jinja2 could not read it either
 * - unsupported: Jinja2 would go on, but the workbench does not know how to do it exactly
 */
export type TemplateErrorKind = 'raised' | 'failed' | 'syntax' | 'unsupported';

/** Thrown while a template is read or rendered. `line` is that of the template, counted from 1, where it is known. */
export class TemplateError extends Error {
  readonly kind: TemplateErrorKind;
  line: number | null;

  constructor(kind: TemplateErrorKind, message: string, line: number | null = null) {
    super(message);
    this.name = 'TemplateError';
    this.kind = kind;
    this.line = line;
  }
}

export const failed = (message: string): TemplateError => new TemplateError('failed', message);

export const unsupported = (message: string): TemplateError => new TemplateError('unsupported', message);

export const syntaxError = (message: string, line: number): TemplateError =>
  new TemplateError('syntax', message, line);
