import { z } from 'zod';
import { invalidInput, WorkbenchError } from '../errors.ts';
import { isObject } from '../json-value.ts';
import { stringSpans, regexSpans, type SpanFinder } from './spans.ts';
import { expressionOf } from './regex/expression-of.ts';

/** Makes a part of a tokenizer from its settings. `place` is the file and where in it. */
export type PartReader<Part> = (settings: Record<string, unknown>, place: string) => Part;

/** The parts of a kind, by their type. */
export type PartTable<Part> = Readonly<Record<string, PartReader<Part>>>;

/**
 * A part with settings of this shape. A setting that is not in it might change what the part does, so it is refused.
 * @param make errors that it throws get the place before them
 */
export const part = <Shape extends z.ZodRawShape, Part>(
  shape: Shape,
  make: (settings: z.output<z.ZodObject<Shape>>, place: string) => Part,
): PartReader<Part> => {
  const schema = z.strictObject({ type: z.string(), ...shape });
  return (settings, place) => {
    const parsed = schema.safeParse(settings);
    if (!parsed.success) throw shapeError(parsed.error, settings, place);
    return namingPart(place, () => make(parsed.data as z.output<z.ZodObject<Shape>>, place));
  };
};

/** Puts the file and the part before what an error says. */
export const namingPart = <Value>(place: string, make: () => Value): Value => {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof WorkbenchError) || error.message.startsWith(place)) throw error;
    throw new WorkbenchError(error.code, `${place}: ${error.message}`, { cause: error });
  }
};

/** The first thing wrong with settings, naming the key and its value. */
export const shapeError = (
  error: z.ZodError,
  settings: Readonly<Record<string, unknown>>,
  place: string,
): WorkbenchError => {
  const [issue] = error.issues;
  if (issue?.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    return new WorkbenchError(
      'unsupported',
      `${place}: ${key} is set to ${JSON.stringify(settings[key])}, which this version does not know`,
    );
  }
  return invalidInput(`${place}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not valid'}`);
};

/** Reads one part, by its type. A type that is not in the table is refused by name. */
export const readPart = <Part>(table: PartTable<Part>, value: unknown, place: string): Part => {
  if (!isObject(value)) throw invalidInput(`${place}: must be a JSON object`);
  const type = value['type'];
  if (typeof type !== 'string') throw invalidInput(`${place}: has no type`);
  const read = Object.hasOwn(table, type) ? table[type] : undefined;
  if (read === undefined)
    throw new WorkbenchError(
      'unsupported',
      `${place}: the type ${JSON.stringify(type)} is not one that this version knows (known: ${Object.keys(table).toSorted().join(', ')})`,
    );
  return read(value, place);
};

/** Each goes over the whole text. */
const mostParts = 200;

/** A list of parts inside a Sequence. */
export const readParts = <Part>(
  table: PartTable<Part>,
  values: readonly unknown[],
  place: string,
): readonly Part[] => {
  if (values.length > mostParts)
    throw new WorkbenchError('unsupported', `${place}: has ${values.length} steps; ${mostParts} can be read`);
  return values.map((value, index) => readPart(table, value, `${place}[${index}]`));
};

/** {"String": text} or {"Regex": text}. */
export const patternShape = z.union([
  z.strictObject({ String: z.string() }),
  z.strictObject({ Regex: z.string() }),
]);

export const patternSpans = (pattern: z.output<typeof patternShape>): SpanFinder => {
  if ('Regex' in pattern) return regexSpans(expressionOf(pattern.Regex));
  // an empty text stands between all characters
  return pattern.String === '' ? regexSpans(/(?:)/gu) : stringSpans(pattern.String);
};

/** One character, as Rust's char: a code point. */
export const characterShape = z.string().refine((text) => [...text].length === 1, 'must be one character');
