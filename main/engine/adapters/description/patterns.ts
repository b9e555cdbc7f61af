import { invalidInput } from '../../errors.ts';

const compiled = new Map<string, RegExp>();

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
    return null;
  } catch (error) {
    const reason = (error as Error).message.split(': ').at(-1)!.toLowerCase();
    return `"${expression}" is not a regular expression (${reason})`;
  }
};

const compile = (key: string, wrap: (key: string) => string): RegExp => {
  const text = wrap(key);
  const known = compiled.get(text);
  if (known) return known;
  const problem = expressionProblem(key);
  if (problem !== null) throw invalidInput(problem);
  const made = new RegExp(text);
  compiled.set(text, made);
  return made;
};

/** PEFT's rule for a key of rank_pattern and alpha_pattern: as a regular expression it is the whole module name or its end from a dot on. */
export const matchesEnd = (key: string, module: string): boolean =>
  compile(key, (one) => `^(?:.*\\.)?(?:${one})$`).test(module);

/** The value of the first key that matches. */
export const matchPattern = (pattern: Readonly<Record<string, number>>, module: string): number | undefined =>
  Object.entries(pattern).find(([key]) => matchesEnd(key, module))?.[1];

/** Whether a regular expression is the whole name. */
export const matchesWhole = (expression: string, module: string): boolean =>
  compile(expression, (one) => `^(?:${one})$`).test(module);

/** Whether a name is the whole module path or its end from a dot on. */
export const isSuffix = (name: string, module: string): boolean =>
  module === name || module.endsWith(`.${name}`);
