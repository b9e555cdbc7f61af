/** A formula, as MathML draws it. */
export type MathNode =
  | { readonly kind: 'name' | 'number' | 'operator' | 'word' | 'prime'; readonly text: string }
  | { readonly kind: 'row'; readonly parts: readonly MathNode[] }
  | { readonly kind: 'fraction'; readonly over: MathNode; readonly under: MathNode }
  | { readonly kind: 'root'; readonly of: MathNode }
  | { readonly kind: 'above'; readonly base: MathNode; readonly mark: MathNode }
  | { readonly kind: 'below'; readonly base: MathNode; readonly mark: MathNode };

const greek: Readonly<Record<string, string>> = { alpha: 'α', Sigma: 'Σ', sigma: 'σ' };

/** Names with their marks (`B'`, `A0`, `V^T`, `S^-1`), numbers, operators. */
const tokenPattern = /\d+(?:\.\d+)?(?:e-?\d+)?|[A-Za-z]+\d*'?(?:\^(?:-?\d+|[A-Z]))?|[()|+\-/=·]/gu;
const namePattern = /^([A-Za-z]+?)(\d*)('?)(?:\^(.+))?$/u;

const row = (parts: readonly MathNode[]): MathNode =>
  parts.length === 1 ? parts[0]! : { kind: 'row', parts };
const operator = (text: string): MathNode => ({ kind: 'operator', text });

const nameOf = (token: string): MathNode => {
  const [, letters = '', index = '', prime = '', power] = namePattern.exec(token) ?? [];
  const text = greek[letters] ?? letters;
  const base: MathNode = { kind: text.length > 1 ? 'word' : 'name', text };
  const indexed: MathNode =
    index === '' ? base : { kind: 'below', base, mark: { kind: 'number', text: index } };
  if (prime !== '') return row([indexed, { kind: 'prime', text: '′' }]);
  if (power === undefined) return indexed;
  const mark: MathNode = /^-?\d/.test(power) ? signed(power) : { kind: 'name', text: power };
  return { kind: 'above', base: indexed, mark };
};

const signed = (digits: string): MathNode =>
  row([
    ...(digits.startsWith('-') ? [operator('−')] : []),
    { kind: 'number', text: digits.replace('-', '') },
  ]);

const numberOf = (token: string): MathNode => {
  const [digits = '', power] = token.split('e');
  const plain: MathNode = { kind: 'number', text: digits };
  if (power === undefined) return plain;
  const ten: MathNode = { kind: 'above', base: { kind: 'number', text: '10' }, mark: signed(power) };
  return digits === '1' ? ten : row([plain, operator('·'), ten]);
};

/**
 * Reads a formula as it stands in the code's own descriptions: sums of products, `a / b` as a fraction of what stands on both sides up to the
 * next sign, `sqrt(…)`, `|…|`.
 */
export const readFormula = (text: string): MathNode => {
  const tokens = [...text.matchAll(tokenPattern)].map(([token]) => token);
  let at = 0;

  const enclosed = (open: string, close: string): MathNode => {
    at += 1;
    const inner = sum(close);
    at += 1;
    return row([operator(open), inner, operator(close)]);
  };
  const factor = (): MathNode => {
    const token = tokens[at]!;
    if (token === '(') return enclosed('(', ')');
    if (token === '|') return enclosed('|', '|');
    at += 1;
    if (token === 'sqrt' && tokens[at] === '(') {
      at += 1;
      const of = sum(')');
      at += 1;
      return { kind: 'root', of };
    }
    return /^\d/.test(token) ? numberOf(token) : nameOf(token);
  };
  const isEnd = (close: string | undefined): boolean => at >= tokens.length || tokens[at] === close;
  const product = (close: string | undefined): MathNode => {
    const parts: MathNode[] = [];
    while (!isEnd(close) && !/^[+\-=]$/.test(tokens[at]!)) {
      const token = tokens[at]!;
      if (token === '/') {
        at += 1;
        const over = row(parts.splice(0));
        parts.push({ kind: 'fraction', over, under: factor() });
      } else if (token === '·') {
        at += 1;
        parts.push(operator('·'));
      } else parts.push(factor());
    }
    return row(parts);
  };
  const sum = (close?: string): MathNode => {
    const parts: MathNode[] = [product(close)];
    while (!isEnd(close)) {
      const token = tokens[at++]!;
      parts.push(operator(token === '-' ? '−' : token), product(close));
    }
    return row(parts);
  };
  return sum();
};
