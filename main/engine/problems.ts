import { limitText } from './limit-text.ts';
import type { z } from 'zod';
import { invalidInput } from './errors.ts';

/** One thing that is wrong with a value, and where in it. */
export interface Problem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

export interface Checked<T> {
  readonly value: T | null;
  readonly problems: readonly Problem[];
}

/** Parses `input`; what is wrong with it comes back in words for people instead of zod's. */
export const check = <S extends z.ZodType>(schema: S, input: unknown): Checked<z.output<S>> => {
  const parsed = schema.safeParse(input, { error: describeIssue });
  if (parsed.success) return { value: parsed.data, problems: [] };
  return { value: null, problems: parsed.error.issues.flatMap(problemsOf) };
};

/**
 * The value, as the schema gives it.
 * @param place what the message begins with: the file
 * @throws invalid-input naming the place and each field that is wrong
 */
export const checked = <S extends z.ZodType>(schema: S, input: unknown, place: string): z.output<S> => {
  const parsed = schema.safeParse(input, { error: describeIssue });
  if (parsed.success) return parsed.data;
  throw invalidInput(`${place}: ${inOneLine(parsed.error.issues.flatMap(problemsOf).map(problemText))}`);
};

/** `configurations[0].adapter.rank` */
export const pathText = (path: readonly PropertyKey[]): string =>
  path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? String(key) : `${text}.${String(key)}`;
  }, '');

export const problemText = ({ path, message }: Problem): string =>
  path.length === 0 ? message : `${pathText(path)}: ${message}`;

/** All problems in one line, the first few in full. */
export const inOneLine = (texts: readonly string[], most = 5): string => {
  const shown = texts.slice(0, most).join('; ');
  return texts.length > most ? `${shown}; and ${texts.length - most} more` : shown;
};

/** An unknown field is its own problem, at its own place. */
export const problemsOf = (issue: z.core.$ZodIssue): Problem[] =>
  withinAlternatives(issue).flatMap((one) =>
    one.code === 'unrecognized_keys'
      ? one.keys.map((key) => ({ path: [...one.path, key], message: 'no such field' }))
      : [{ path: one.path, message: one.message }],
  );

/**
 * Of alternatives of which none fits, what is wrong within the one that came so far as to look into fields: it was meant. The issue itself
 * where none did, or several.
 */
export const withinAlternatives = (issue: z.core.$ZodIssue): readonly z.core.$ZodIssue[] => {
  if (issue.code !== 'invalid_union') return [issue];
  const [meant, another] = issue.errors.filter((issues) => issues.length > 0 && issues.every(isWithin));
  if (meant === undefined || another !== undefined) return [issue];
  return meant.map((one) => ({ ...one, path: [...issue.path, ...one.path] }));
};

const isWithin = ({ code, path }: z.core.$ZodIssue): boolean =>
  path.length > 0 || code === 'unrecognized_keys';

const typeNames: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'text',
  boolean: 'true or false',
  array: 'a list',
  object: 'fields',
  record: 'fields',
};

const units: Readonly<Record<string, string>> = { string: ' character', array: ' item' };

const unit = (origin: string, count: number | bigint): string =>
  units[origin] === undefined ? '' : `${units[origin]}${Number(count) === 1 ? '' : 's'}`;

/** A rule of its own (`refine`) keeps its own message: zod asks here only when the schema has none. */
const describeIssue = (issue: z.core.$ZodRawIssue): string | undefined => {
  const expected = expectation(issue);
  if (expected === null) return undefined;
  const input = inputOf(issue);
  return input === undefined
    ? `missing, expected ${expected}`
    : `expected ${expected}, not ${isCounted(issue, input) ? input.length : excerpt(input)}`;
};

/** Of a list that is too short or too long its length is what is wrong; an empty one is told as that. */
const isCounted = ({ code }: z.core.$ZodRawIssue, input: unknown): input is readonly unknown[] =>
  Array.isArray(input) && (code === 'too_big' || (code === 'too_small' && input.length > 0));

const inputOf = ({ code, discriminator, input }: z.core.$ZodRawIssue): unknown =>
  code === 'invalid_union' && typeof discriminator === 'string'
    ? (input as Record<string, unknown>)[discriminator]
    : input;

const expectation = (issue: z.core.$ZodRawIssue): string | null => {
  switch (issue.code) {
    case 'invalid_type':
      return typeNames[issue.expected] ?? String(issue.expected);
    case 'invalid_value':
      return oneOf(issue.values.map((value) => JSON.stringify(value)));
    case 'too_small':
      return `${issue.inclusive ? 'at least' : 'more than'} ${limitText(issue.minimum)}${unit(issue.origin, issue.minimum)}`;
    case 'too_big':
      return `${issue.inclusive ? 'at most' : 'less than'} ${limitText(issue.maximum)}${unit(issue.origin, issue.maximum)}`;
    case 'invalid_union':
      return unionExpectation(issue);
    default:
      return null;
  }
};

/** A discriminated union says which values its discriminator can have, and gives the whole object as the input. */
const unionExpectation = (issue: z.core.$ZodRawIssue<z.core.$ZodIssueInvalidUnion>): string => {
  if (Array.isArray(issue['options'])) return oneOf(issue['options'].map((option) => JSON.stringify(option)));
  const messages = issue.errors.map((issues) => issues[0]?.message ?? '');
  return oneOf(messages.map((message) => message.replace(/^expected /, '').replace(/, not .*$/, '')));
};

const oneOf = (choices: readonly string[]): string =>
  choices.length < 2 ? choices.join('') : `${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`;

const excerpt = (value: unknown): string => {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object' && value !== null) return 'fields';
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? typeof value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
};
