/**
 * One extent of a shape: a number, or a sum of products of named extents that are known only when the graph runs, written
 * canonically (`batch*sequence`, `3*sequence`, `past+sequence`).
 */
export type Dimension = number | string;
export type Shape = readonly Dimension[];

/** What the named extents are in a run: `{ batch: 4, sequence: 256 }`. */
export type Extents = Readonly<Record<string, number>>;

/** One product of a sum. */
interface Term {
  readonly coefficient: number;
  /** Sorted */
  readonly names: readonly string[];
}

const termOf = (text: string): Term => {
  const factors = text.split('*');
  const isName = (factor: string): boolean => Number.isNaN(Number(factor));
  return {
    coefficient: factors
      .filter((factor) => !isName(factor))
      .reduce((total, factor) => total * Number(factor), 1),
    names: factors.filter(isName).sort(),
  };
};

const termsOf = (dimension: Dimension): Term[] =>
  typeof dimension === 'number' ? [{ coefficient: dimension, names: [] }] : dimension.split('+').map(termOf);

/** Terms of the same names as one; none with the coefficient 0. Sorted by names, the plain number last. */
const collected = (terms: readonly Term[]): Term[] => {
  const coefficients = new Map<string, number>();
  for (const { coefficient, names } of terms) {
    const key = names.join('*');
    coefficients.set(key, (coefficients.get(key) ?? 0) + coefficient);
  }
  const rank = (key: string): string => (key === '' ? '1' : `0${key}`);
  return [...coefficients]
    .filter(([, coefficient]) => coefficient !== 0)
    .sort(([a], [b]) => (rank(a) < rank(b) ? -1 : 1))
    .map(([key, coefficient]) => ({ coefficient, names: key === '' ? [] : key.split('*') }));
};

const canonical = (terms: readonly Term[]): Dimension => {
  const sum = collected(terms);
  if (sum.every(({ names }) => names.length === 0)) return sum[0]?.coefficient ?? 0;
  return sum
    .map(({ coefficient, names }) =>
      (coefficient === 1 && names.length > 0 ? names : [coefficient, ...names]).join('*'),
    )
    .join('+');
};

const multiply = (a: Term, b: Term): Term => ({
  coefficient: a.coefficient * b.coefficient,
  names: [...a.names, ...b.names].sort(),
});

/** The product of extents, in canonical form. */
export const product = (dimensions: Shape): Dimension =>
  canonical(
    dimensions
      .map(termsOf)
      .reduce<Term[]>(
        (left, right) => left.flatMap((a) => right.map((b) => multiply(a, b))),
        [{ coefficient: 1, names: [] }],
      ),
  );

/** The sum of extents, in canonical form. */
export const sum = (dimensions: Shape): Dimension => canonical(dimensions.flatMap(termsOf));

/** a - b, in canonical form; undefined where it may be less than nothing: names stand for 0 or more. */
export const difference = (a: Dimension, b: Dimension): Dimension | undefined => {
  const negated = termsOf(b).map(({ coefficient, names }) => ({ coefficient: -coefficient, names }));
  const terms = collected([...termsOf(a), ...negated]);
  return terms.some(({ coefficient }) => coefficient < 0) ? undefined : canonical(terms);
};

/** A division with something left over. */
export interface Quotient {
  readonly quotient: Dimension;
  readonly remainder: number;
}

/**
 * (dimension + added) / divisor, rounded down; undefined where a name's share of it is not whole, or where it may be less than
 * nothing. `8*rows` by 2 is `4*rows`; `rows` by 2 is refused, as rows may be odd.
 */
export const divide = (dimension: Dimension, divisor: number, added = 0): Quotient | undefined => {
  const terms = collected([...termsOf(dimension), { coefficient: added, names: [] }]);
  const named = terms.filter(({ names }) => names.length > 0);
  const plain = terms.find(({ names }) => names.length === 0)?.coefficient ?? 0;
  const whole = Math.floor(plain / divisor);
  if (whole < 0 || named.some(({ coefficient }) => coefficient % divisor !== 0)) return undefined;
  const shares = named.map(({ coefficient, names }) => ({ coefficient: coefficient / divisor, names }));
  return {
    quotient: canonical([...shares, { coefficient: whole, names: [] }]),
    remainder: plain - whole * divisor,
  };
};

/** What numbers, names, products and sums are to whoever works out an extent. */
export interface Arithmetic<T> {
  readonly number: (value: number) => T;
  readonly name: (name: string) => T;
  readonly multiply: (a: T, b: T) => T;
  readonly add: (a: T, b: T) => T;
}

/** An extent worked out, in numbers or in whatever can be multiplied and added. */
export const evaluate = <T>(dimension: Dimension, { number, name, multiply, add }: Arithmetic<T>): T =>
  termsOf(dimension)
    .map(({ coefficient, names }) => {
      const factors = names.map(name);
      return (coefficient === 1 && factors.length > 0 ? factors : [number(coefficient), ...factors]).reduce(
        multiply,
      );
    })
    .reduce(add);

/** The extent as a number, given those of the names in it. @throws Error for a name without an extent */
export const extentOf = (dimension: Dimension, extents: Extents): number =>
  evaluate(dimension, {
    number: (value) => value,
    name: (name) => {
      const extent = extents[name];
      if (extent === undefined) throw new Error(`no extent is given for ${name}`);
      return extent;
    },
    multiply: (a, b) => a * b,
    add: (a, b) => a + b,
  });

/** A shape in numbers. */
export const resolveShape = (shape: Shape, extents: Extents): number[] =>
  shape.map((dimension) => extentOf(dimension, extents));

/** Elements of a shape. */
export const elementsOf = (shape: Shape, extents: Extents): number =>
  resolveShape(shape, extents).reduce((count, extent) => count * extent, 1);

/**
 * The name that an axis of a graph's input tells at run time, and how many of it the axis has: `rows` is 1 of rows, `8*rows` 8.
 * undefined where it is no multiple of one name.
 */
export const multipleOf = (
  dimension: Dimension,
): { readonly name: string; readonly count: number } | undefined => {
  const [only, ...others] = termsOf(dimension);
  const [name, ...further] = only?.names ?? [];
  if (!only || name === undefined || others.length > 0 || further.length > 0) return undefined;
  return { name, count: only.coefficient };
};

export const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((dimension, axis) => dimension === b[axis]);

/** The shape that NumPy-style broadcasting of the two gives; undefined when they do not fit. */
export const broadcastShapes = (a: Shape, b: Shape): Shape | undefined => {
  const rank = Math.max(a.length, b.length);
  const result: Dimension[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const left = a[axis - rank + a.length] ?? 1;
    const right = b[axis - rank + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1) return undefined;
    result.push(left === 1 ? right : left);
  }
  return result;
};

/** `axis` counted from the end where negative. */
export const resolveAxis = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);
