import { RegExpParser, type AST } from '@eslint-community/regexpp';
import { invalidInput } from '../errors.ts';

/** In characters, classes spelled out: published ones have up to 100,000, and each bracket within a bracket takes some of the stack. */
const longest = 1_000_000;

/**
 * The parts of an expression that JavaScript takes.
 * @throws invalid-input where it is too long, or too deeply nested to be read
 */
export const parseExpression = (source: string, isUnicode: boolean): AST.Pattern => {
  if (source.length > longest)
    throw invalidInput(`a regular expression has ${source.length} characters; ${longest} are read`);
  try {
    return new RegExpParser({ ecmaVersion: 2025 }).parsePattern(source, 0, source.length, isUnicode);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw invalidInput(
      `the regular expression ${JSON.stringify(source.slice(0, 60))} has too many brackets within each other`,
      { cause: error },
    );
  }
};
