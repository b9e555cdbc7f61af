import { invalidInput, type WorkbenchError } from '../../engine/errors.ts';
import { fixedRunColumns, runColumn } from '../../store/run-columns.ts';
import type { Comparator, RunFilter } from '../../store/run-filter-sql.ts';

/**
 * The language that runs are filtered by: `method = nora and validation/loss < 2.1 and not tag = best`.
 *
 *     filter     = any
 *     any        = all { "or" all }
 *     all        = part { "and" part }
 *     part       = "not" part | "(" any ")" | column comparator value
 *     comparator = "=" | "!=" | "<" | "<=" | ">" | ">=" | "~"      ("~": has the value anywhere in it)
 *     value      = number | word | "text in quotes"
 */

interface Token {
  readonly kind: 'word' | 'text' | 'sign' | 'end';
  readonly text: string;
  /** From 1, as people count. */
  readonly at: number;
}

const pattern = /\s*(?:(?<text>"[^"]*"|'[^']*')|(?<sign><=|>=|!=|[=<>~()])|(?<word>[^\s"'=<>!~()]+))/y;

const refused = (at: number, message: string): WorkbenchError => invalidInput(`filter, at ${at}: ${message}`);

const tokensOf = (source: string): Token[] => {
  const tokens: Token[] = [];
  let end = 0;
  while (source.slice(end).trim() !== '') {
    pattern.lastIndex = end;
    const found = pattern.exec(source);
    const start = end + source.slice(end).search(/\S/) + 1;
    if (found === null)
      throw refused(
        start,
        /^["']/.test(source.slice(start - 1))
          ? 'a text that begins here has no closing quote'
          : `"${source[start - 1]}" means nothing here`,
      );
    const { text, sign, word } = found.groups ?? {};
    end = pattern.lastIndex;
    tokens.push({
      kind: text !== undefined ? 'text' : sign !== undefined ? 'sign' : 'word',
      text: text?.slice(1, -1) ?? sign ?? word ?? '',
      at: start,
    });
  }
  return [...tokens, { kind: 'end', text: '', at: source.length + 1 }];
};

const comparators: readonly string[] = ['=', '!=', '<', '<=', '>', '>=', '~'];
const longest = 2000;
const deepest = 50;

/**
 * @returns null for a filter that says nothing
 * @throws WorkbenchError `invalid-input` that names the place
 */
export const parseRunFilter = (source: string): RunFilter | null => {
  if (source.length > longest) throw refused(longest, `a filter has at most ${longest} characters`);
  const tokens = tokensOf(source);
  let place = 0;
  let depth = 0;
  const here = (): Token => tokens[place]!;
  const told = ({ kind, text }: Token): string => (kind === 'end' ? 'the end' : `"${text}"`);
  const isWord = (text: string): boolean => here().kind === 'word' && here().text.toLowerCase() === text;
  const isSign = (text: string): boolean => here().kind === 'sign' && here().text === text;

  const several = (kind: 'and' | 'or', part: () => RunFilter): RunFilter => {
    const parts = [part()];
    while (isWord(kind)) {
      place++;
      parts.push(part());
    }
    return parts.length === 1 ? parts[0]! : { kind, parts };
  };
  const any = (): RunFilter => several('or', all);
  const all = (): RunFilter => several('and', part);

  const part = (): RunFilter => {
    if (++depth > deepest) throw refused(here().at, `more than ${deepest} parts within each other`);
    try {
      if (isWord('not')) {
        place++;
        return { kind: 'not', part: part() };
      }
      if (!isSign('(')) return comparison();
      const opened = here().at;
      place++;
      const inner = any();
      if (!isSign(')'))
        throw refused(here().at, `expected ")" for the "(" at ${opened}, not ${told(here())}`);
      place++;
      return inner;
    } finally {
      depth--;
    }
  };

  const comparison = (): RunFilter => {
    const column = here();
    if (column.kind !== 'word')
      throw refused(column.at, `expected the name of a column, not ${told(column)}`);
    const known = runColumn(column.text, 'name');
    if (known === undefined)
      throw refused(
        column.at,
        `there is no column "${column.text}"; there are ${fixedRunColumns.join(', ')}, metrics as validation/loss, and settings as adapter.rank and training.learningRate`,
      );
    place++;
    const sign = here();
    if (sign.kind !== 'sign' || !comparators.includes(sign.text))
      throw refused(
        sign.at,
        `expected one of ${comparators.join(' ')} after "${column.text}", not ${told(sign)}`,
      );
    if (known.kind === 'tags' && !['=', '!=', '~'].includes(sign.text))
      throw refused(sign.at, `tags are compared by = != or ~, not by ${sign.text}`);
    place++;
    const value = here();
    if (value.kind !== 'word' && value.kind !== 'text')
      throw refused(value.at, `expected a value after "${sign.text}", not ${told(value)}`);
    place++;
    const number = Number(value.text);
    const isNumber = value.kind === 'word' && Number.isFinite(number);
    // A setting may be either: only metrics and counts are always numbers.
    const needsNumber = known.kind === 'number' && !/^(adapter|training)\./.test(column.text);
    if (needsNumber && !isNumber && sign.text !== '~')
      throw refused(value.at, `"${column.text}" is a number, and ${told(value)} is none`);
    return {
      kind: 'compare',
      column: column.text,
      comparator: sign.text as Comparator,
      value: isNumber && known.kind === 'number' ? number : value.text,
    };
  };

  if (here().kind === 'end') return null;
  const filter = any();
  if (here().kind !== 'end') throw refused(here().at, `expected "and", "or" or the end, not ${told(here())}`);
  return filter;
};
