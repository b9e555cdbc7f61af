import { invalidInput, WorkbenchError } from '../../errors.ts';
import { boundedExpression, type Expression } from '../../regular-expressions/bounded-expression.ts';

const compiled = new Map<string, Expression>();

/** What may follow a backslash in Python and in JavaScript, with one meaning. */
const shared = new Set('bBdDfnrsStuvwWx');

/**
 * What is wrong with a regular expression, null where it is one. They are Python's in PEFT: what JavaScript lacks of those it refuses
 * itself ((?i), (?P<name>...), possessive +), but for letters that it takes for themselves.
 */
export const expressionProblem = (expression: string): string | null => {
  const [foreign] =
    [...expression.matchAll(/\\(.)/gs)].find(([, of]) => /[a-z]/i.test(of!) && !shared.has(of!)) ?? [];
  if (foreign !== undefined)
    return `"${expression}" is not a regular expression that can be read here (${foreign})`;
  try {
    new RegExp(`^(?:${expression})$`);
    boundedExpression(`^(?:${expression})$`, false);
    return null;
  } catch (error) {
    if (error instanceof WorkbenchError) return error.message;
    const reason = (error as Error).message.split(': ').at(-1)!.toLowerCase();
    return `"${expression}" is not a regular expression (${reason})`;
  }
};

const compile = (key: string, wrap: (key: string) => string): Expression => {
  const text = wrap(key);
  const known = compiled.get(text);
  if (known) return known;
  const problem = expressionProblem(key);
  if (problem !== null) throw invalidInput(problem);
  const made = boundedExpression(text, false);
  compiled.set(text, made);
  return made;
};

const isIn = (module: string, expression: Expression): boolean => {
  expression.lastIndex = 0;
  return expression.exec(module) !== null;
};

/** PEFT's rule for a key of rank_pattern and alpha_pattern: as a regular expression it is the whole module name or its end from a dot on. */
export const matchesEnd = (key: string, module: string): boolean =>
  isIn(
    module,
    compile(key, (one) => `^(?:.*\\.)?(?:${one})$`),
  );

/** The value of the first key that matches. */
export const matchPattern = (pattern: Readonly<Record<string, number>>, module: string): number | undefined =>
  Object.entries(pattern).find(([key]) => matchesEnd(key, module))?.[1];

/** Whether a regular expression is the whole name. */
export const matchesWhole = (expression: string, module: string): boolean =>
  isIn(
    module,
    compile(expression, (one) => `^(?:${one})$`),
  );

/** Whether a name is the whole module path or its end from a dot on. */
export const isSuffix = (name: string, module: string): boolean =>
  module === name || module.endsWith(`.${name}`);
