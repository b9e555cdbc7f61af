/** What stands at each of the names; a list at the last where that is '...name'. */
export type Named<Names extends readonly string[], T> = {
  readonly [N in Names[number] as N extends `...${infer Rest}` ? Rest : N]: N extends `...${string}`
    ? readonly T[]
    : T;
};

/** By name, or by itself where there is one name only. */
export type Results<Names extends readonly string[], T> = Names extends readonly [string]
  ? T
  : Named<Names, T>;

const rest = '...';

/** Values in order, by the names of their places; of '...name' there may be none. @throws Error where they are too few or too many */
export const byName = <Names extends readonly string[], T>(
  names: Names,
  values: readonly T[],
): Named<Names, T> => {
  const last = names.at(-1);
  const single = last?.startsWith(rest) ? names.slice(0, -1) : names;
  const fits = single === names ? values.length === names.length : values.length >= single.length;
  if (!fits)
    throw new Error(
      `takes ${single === names ? '' : 'at least '}${single.length} (${names.join(', ')}), has ${values.length}`,
    );
  const named: Record<string, unknown> = {};
  single.forEach((name, at) => (named[name] = values[at]));
  if (last !== undefined && single !== names) named[last.slice(rest.length)] = values.slice(single.length);
  return named as Named<Names, T>;
};

/** The other way round. @throws Error where a name has nothing */
export const inOrder = <Names extends readonly string[], T>(
  names: Names,
  named: Named<Names, T>,
): readonly T[] => {
  const known = named as Readonly<Record<string, T & readonly T[]>>;
  return names.flatMap((name) => {
    const key = name.startsWith(rest) ? name.slice(rest.length) : name;
    if (!Object.hasOwn(known, key)) throw new Error(`nothing is given for ${key}`);
    return known[key] as T | readonly T[];
  });
};

/** What a rule returns, as a list. @throws Error where a name has nothing */
export const resultsInOrder = <Names extends readonly string[], T>(
  names: Names,
  results: Results<Names, T>,
): readonly T[] => (names.length === 1 ? [results as T] : inOrder(names, results as Named<Names, T>));
