import { invalidInput } from '../../errors.ts';

/**
 * The fields of one record, as RFC 4180 says: in quotes or without any.
 * @param text without the line break that ends it
 * @param place file and line, for errors
 */
export const fieldsOf = (text: string, separator: string, place: string): string[] => {
  const fields: string[] = [];
  for (let at = 0; ; at++) {
    const [field, end] =
      text[at] === '"' ? quotedField(text, at, place) : plainField(text, at, separator, place);
    fields.push(field);
    at = end;
    if (at >= text.length) return fields;
    if (text[at] !== separator) throw invalidInput(`${place}: not CSV (text behind a closing quote)`);
  }
};

type FieldAndEnd = readonly [field: string, end: number];

const plainField = (text: string, start: number, separator: string, place: string): FieldAndEnd => {
  const found = text.indexOf(separator, start);
  const end = found === -1 ? text.length : found;
  const field = text.slice(start, end);
  if (field.includes('"'))
    throw invalidInput(`${place}: not CSV (a quote within a field that does not begin with one)`);
  return [field, end];
};

const quotedField = (text: string, start: number, place: string): FieldAndEnd => {
  let end = text.indexOf('"', start + 1);
  while (end !== -1 && text[end + 1] === '"') end = text.indexOf('"', end + 2);
  if (end === -1) throw invalidInput(`${place}: not CSV (a quote is opened and never closed)`);
  return [text.slice(start + 1, end).replaceAll('""', '"'), end + 1];
};
