/**
 * One extent of a shape: a number, or a product of named extents that are known only when the graph runs, written
 * canonically (`batch*sequence`, `3*sequence`).
 */
export type Dimension = number | string;
export type Shape = readonly Dimension[];

const factorsOf = (dimension: Dimension): { coefficient: number; symbols: string[] } => {
  if (typeof dimension === 'number') return { coefficient: dimension, symbols: [] };
  let coefficient = 1;
  const symbols: string[] = [];
  for (const factor of dimension.split('*')) {
    const value = Number(factor);
    if (Number.isNaN(value)) symbols.push(factor);
    else coefficient *= value;
  }
  return { coefficient, symbols };
};

/** The product of extents, in canonical form. */
export const product = (dimensions: Shape): Dimension => {
  let coefficient = 1;
  const symbols: string[] = [];
  for (const dimension of dimensions) {
    const factors = factorsOf(dimension);
    coefficient *= factors.coefficient;
    symbols.push(...factors.symbols);
  }
  if (symbols.length === 0 || coefficient === 0) return coefficient;
  symbols.sort();
  return (coefficient === 1 ? symbols : [coefficient, ...symbols]).join('*');
};

/** The extent as a number, given those of the names in it. @throws Error for a name without an extent */
export const extentOf = (dimension: Dimension, extents: Readonly<Record<string, number>>): number => {
  const { coefficient, symbols } = factorsOf(dimension);
  return symbols.reduce((total, symbol) => {
    const extent = extents[symbol];
    if (extent === undefined) throw new Error(`no extent is given for ${symbol}`);
    return total * extent;
  }, coefficient);
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
