import type { Token } from './lexer.ts';
import { syntaxError } from '../template-error.ts';

export interface TokenStream {
  readonly current: () => Token;
  readonly ahead: () => Token;
  /** Takes the current token. */
  readonly take: () => Token;
  /** Whether the current token is this operator. */
  readonly atOperator: (...operators: string[]) => boolean;
  readonly atName: (...names: string[]) => boolean;
  readonly skipOperator: (operator: string) => boolean;
  readonly skipName: (name: string) => boolean;
  readonly expect: (type: Token['type'], value?: string) => Token;
  readonly fail: (message: string) => Error;
}

export const describeToken = ({ type, value }: Token): string => {
  switch (type) {
    case 'eof':
      return 'the end of the template';
    case 'data':
      return 'text';
    case 'variable_begin':
      return '{{';
    case 'variable_end':
      return '}}';
    case 'block_begin':
      return '{%';
    case 'block_end':
      return '%}';
    case 'string':
      return `'${value}'`;
    default:
      return value;
  }
};

export const streamOf = (tokens: readonly Token[]): TokenStream => {
  let at = 0;
  const current = (): Token => tokens[at]!;
  const take = (): Token => {
    const token = current();
    if (token.type !== 'eof') at += 1;
    return token;
  };
  const atOperator = (...operators: string[]): boolean =>
    current().type === 'operator' && operators.includes(current().value);
  const atName = (...names: string[]): boolean =>
    current().type === 'name' && names.includes(current().value);
  const fail = (message: string): Error => syntaxError(message, current().line);
  return {
    current,
    ahead: () => tokens[Math.min(at + 1, tokens.length - 1)]!,
    take,
    atOperator,
    atName,
    skipOperator: (operator) => atOperator(operator) && take() !== undefined,
    skipName: (name) => atName(name) && take() !== undefined,
    expect: (type, value) => {
      const token = current();
      if (token.type === type && (value === undefined || token.value === value)) return take();
      throw fail(
        `expected ${value ?? describeToken({ type, value: type, line: 0 })}, not ${describeToken(token)}`,
      );
    },
    fail,
  };
};
