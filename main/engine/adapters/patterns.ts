import { invalidInput } from '../errors.ts';

const compiled = new Map<string, RegExp>();

const compile = (key: string, wrap: (key: string) => string): RegExp => {
  const text = wrap(key);
  const known = compiled.get(text);
  if (known) return known;
  try {
    const made = new RegExp(text);
    compiled.set(text, made);
    return made;
  } catch (error) {
    throw invalidInput(`"${key}" is not a regular expression`, { cause: error });
  }
};

/** PEFT's rule for rank_pattern and alpha_pattern: the first key that, as a regular expression, is the whole module name or its end from a dot on. */
export const matchPattern = (pattern: Readonly<Record<string, number>>, module: string): number | undefined =>
  Object.entries(pattern).find(([key]) => compile(key, (one) => `^(?:.*\\.)?(?:${one})$`).test(module))?.[1];

/** Whether a regular expression is the whole name. */
export const matchesWhole = (expression: string, module: string): boolean =>
  compile(expression, (one) => `^(?:${one})$`).test(module);

/** Whether a name is the whole module path or its end from a dot on. */
export const isSuffix = (name: string, module: string): boolean =>
  module === name || module.endsWith(`.${name}`);
