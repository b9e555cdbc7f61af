import { spaceClass, strip } from '../python/characters.ts';
import { asciiOnly } from '../python/percent-format.ts';
import { syntaxError, unsupported } from '../template-error.ts';

/**
 * A piece of a template. Text between tags is `data`; `begin` and `end` tell of tags, with what opens them as the value; an
 * operator is its own type.
 */
export interface Token {
  readonly type:
    | 'data'
    | 'variable_begin'
    | 'variable_end'
    | 'block_begin'
    | 'block_end'
    | 'name'
    | 'string'
    | 'integer'
    | 'float'
    | 'operator'
    | 'eof';
  readonly value: string;
  readonly line: number;
}

const space = `[${spaceClass}]`;
const opening = new RegExp(
  `(?:\\{%([-+]?)${space}*raw${space}*(?:-%\\}${space}*|%\\}))|(?:(\\{\\{|\\{%|\\{#)([-+]?))`,
  'g',
);
const commentEnd = new RegExp(`\\+#\\}|-#\\}${space}*|#\\}\\n?`, 'g');
const rawEnd = new RegExp(`\\{%([-+]?)${space}*endraw${space}*(?:\\+%\\}|-%\\}${space}*|%\\}\\n?)`, 'g');
const blockEnd = new RegExp(`\\+%\\}|-%\\}${space}*|%\\}\\n?`, 'y');
const variableEnd = new RegExp(`-\\}\\}${space}*|\\}\\}`, 'y');
const part = '(?:[0-9]+_)*[0-9]+';

const inside: readonly (readonly [type: 'space' | Token['type'], pattern: RegExp])[] = [
  ['space', new RegExp(`${space}+`, 'y')],
  ['float', new RegExp(`(?<!\\.)${part}(?:(?:\\.${part})?e[+-]?${part}|\\.${part})`, 'iy')],
  ['integer', /0b(?:_?[01])+|0o(?:_?[0-7])+|0x(?:_?[\da-f])+|[1-9](?:_?[0-9])*|0(?:_?0)*/iy],
  ['name', /[\p{L}\p{M}\p{N}_]+/uy],
  ['string', /'[^'\\]*(?:\\[\s\S][^'\\]*)*'|"[^"\\]*(?:\\[\s\S][^"\\]*)*"/y],
  ['operator', /\/\/|\*\*|==|!=|>=|<=|[-+/*%~[\](){}><=.:|,;]/y],
];

const closing: Record<string, string> = { '(': ')', '[': ']', '{': '}' };

/**
 * Cuts a template into tokens as Jinja2 does with trim_blocks and lstrip_blocks: a block takes the line break behind it, and the
 * space before it where it is the first on its line; a last line break of the template goes.
 * @throws TemplateError
 */
export const tokenize = (template: string): Token[] => {
  const source = template.replaceAll(/\r\n?/g, '\n').replace(/\n$/, '');
  const tokens: Token[] = [];
  let line = 1;
  let at = 0;
  /** Whether what was read last ended a line: then a block with only space before it is the first on its line. */
  let lineStarts = true;

  const push = (type: Token['type'], value: string): void => void tokens.push({ type, value, line });
  const pass = (text: string): void => {
    for (let found = text.indexOf('\n'); found !== -1; found = text.indexOf('\n', found + 1)) line += 1;
    at += text.length;
    if (text !== '') lineStarts = text.endsWith('\n');
  };
  const pushData = (text: string): void => {
    if (text !== '') push('data', text);
  };
  const find = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(source);
  };

  const readRaw = (): void => {
    const end = find(rawEnd);
    if (end === null) throw syntaxError('Missing end of raw directive', line);
    const text = source.slice(at, end.index);
    pushData(stripped(text, end[1]!, true, lineStarts));
    pass(text + end[0]);
  };

  const readComment = (): void => {
    const end = find(commentEnd);
    if (end === null) throw syntaxError('Missing end of comment tag', line);
    pass(source.slice(at, end.index + end[0].length));
  };

  const readTag = (isVariable: boolean): void => {
    push(isVariable ? 'variable_begin' : 'block_begin', '');
    const open: string[] = [];
    for (;;) {
      const end = open.length === 0 ? find(isVariable ? variableEnd : blockEnd) : null;
      if (end !== null) {
        push(isVariable ? 'variable_end' : 'block_end', '');
        pass(end[0]);
        return;
      }
      const [type, text] = next();
      if (type === 'operator') balance(open, text);
      if (type !== 'space') push(type, valueOf(type, text, line));
      pass(text);
    }
  };

  const next = (): ['space' | Token['type'], string] => {
    if (at >= source.length) throw syntaxError('unexpected end of template', line);
    for (const [type, pattern] of inside) {
      const found = find(pattern);
      if (found !== null) return [type, found[0]];
    }
    throw syntaxError(`unexpected character "${String.fromCodePoint(source.codePointAt(at)!)}"`, line);
  };

  const balance = (open: string[], operator: string): void => {
    const close = closing[operator];
    if (close !== undefined) open.push(close);
    if (!')]}'.includes(operator)) return;
    const expected = open.pop();
    if (expected !== operator)
      throw syntaxError(
        `unexpected '${operator}'${expected === undefined ? '' : `, expected '${expected}'`}`,
        line,
      );
  };

  while (at < source.length) {
    const found = find(opening);
    const text = source.slice(at, found?.index);
    if (found === null) {
      pushData(text);
      break;
    }
    const [whole, rawSign, tag, tagSign] = found;
    const sign = tag === undefined ? rawSign! : tagSign!;
    pushData(stripped(text, sign, tag !== '{{', lineStarts));
    pass(text);
    pass(whole);
    if (tag === undefined) readRaw();
    else if (tag === '{#') readComment();
    else readTag(tag === '{{');
  }
  push('eof', '');
  return tokens;
};

/** What stays of the text before a tag. */
const stripped = (text: string, sign: string, isBlock: boolean, lineStarts: boolean): string => {
  if (sign === '-') return strip(text, null, 'right');
  if (sign === '+' || !isBlock) return text;
  const lineStart = text.lastIndexOf('\n') + 1;
  if (lineStart === 0 && !lineStarts) return text;
  return strip(text.slice(lineStart), null, 'both') === '' ? text.slice(0, lineStart) : text;
};

const valueOf = (type: Token['type'], text: string, line: number): string => {
  switch (type) {
    case 'name':
      if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(text)) throw unsupported(`the name "${text}", which is not ASCII`);
      return text;
    case 'string':
      return unescapeText(text.slice(1, -1), line);
    case 'integer':
    case 'float':
      return text.replaceAll('_', '').toLowerCase();
    default:
      return text;
  }
};

const simple: Record<string, string> = {
  '\n': '',
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** Python's escapes. What is beyond ASCII becomes an escape first, so that a backslash before it stays with the escape's letters. */
const unescapeText = (text: string, line: number): string => {
  if (!text.includes('\\')) return text;
  const escape = /\\(?:([0-7]{1,3})|x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([\s\S]))/g;
  return asciiOnly(text).replaceAll(
    escape,
    (whole, octal?: string, x?: string, u?: string, long?: string, other?: string) => {
      const code = octal === undefined ? parseInt(x ?? u ?? long ?? '', 16) : parseInt(octal, 8);
      if (Number.isInteger(code)) {
        if (code >= 0xd800 && code <= 0xdfff)
          throw unsupported('an escape of half a character (a surrogate)');
        if (code > 0x10ffff) throw syntaxError('illegal Unicode character', line);
        return String.fromCodePoint(code);
      }
      if (other === 'N') throw unsupported('the escape \\N');
      if (other !== undefined && 'xuU'.includes(other))
        throw syntaxError(`truncated \\${other} escape`, line);
      return (other === undefined ? undefined : simple[other]) ?? whole;
    },
  );
};
