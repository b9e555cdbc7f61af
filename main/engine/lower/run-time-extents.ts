import { evaluate, multipleOf, type Dimension, type Shape } from '../graph/dimension.ts';
import type { NamedValue } from '../graph/graph.ts';
import type { Constants } from './constants.ts';
import type { Emit } from './emitter.ts';

/** Gives the name of a row 0, 1, … (1 x count) in the type that indices have. */
export type NameClasses = (count: Dimension) => string;

/** Gives the name of an int64 vector that holds the extents of a shape. */
export type NameExtents = (shape: Shape) => string;

const isKnown = (shape: Shape): shape is readonly number[] =>
  shape.every((dimension) => typeof dimension === 'number');

/** Where a named extent can be read at run time: an axis of a graph input, which has `count` of it. */
interface Source {
  readonly input: string;
  readonly axis: number;
  readonly count: number;
}

/** Of several, an axis that is the extent itself. */
const findExtents = (inputs: readonly NamedValue[]): Map<string, Source> => {
  const found = new Map<string, Source>();
  for (const { name: input, value } of inputs)
    value.shape.forEach((dimension, axis) => {
      const told = multipleOf(dimension);
      if (!told) return;
      const { name, count } = told;
      if (count < (found.get(name)?.count ?? Infinity)) found.set(name, { input, axis, count });
    });
  return found;
};

/** By nodes of the graph, from the shapes of its inputs. */
export const computedExtents = (
  inputs: readonly NamedValue[],
  { integers }: Pick<Constants, 'integers'>,
  emit: Emit,
): NameExtents => {
  const sources = findExtents(inputs);
  const known = new Map<Dimension, string>();
  /** A vector of one element. */
  const extent = (dimension: Dimension): string => {
    const name =
      known.get(dimension) ??
      evaluate(dimension, {
        number: (value) => integers([value]),
        name: (of) => {
          const source = sources.get(of);
          if (!source) throw new Error(`no input has an axis of extent ${of}`);
          const { input, axis, count } = source;
          const along = emit('Shape', [input], { start: BigInt(axis), end: BigInt(axis + 1) });
          return count === 1 ? along : emit('Div', [along, integers([count])]);
        },
        multiply: (a, b) => emit('Mul', [a, b]),
        add: (a, b) => emit('Add', [a, b]),
      });
    known.set(dimension, name);
    return name;
  };
  const joined = new Map<string, string>();
  return (shape) => {
    if (isKnown(shape)) return integers(shape);
    const [only, ...others] = shape;
    if (others.length === 0) return extent(only as Dimension);
    const key = shape.join(',');
    const name = joined.get(key) ?? emit('Concat', shape.map(extent), { axis: 0n });
    joined.set(key, name);
    return name;
  };
};

/** By inputs beside the graph's own, which `fed` collects. */
export const fedExtents =
  (fed: Map<string, Shape>, { integers }: Pick<Constants, 'integers'>): NameExtents =>
  (shape) => {
    if (isKnown(shape)) return integers(shape);
    const name = `extents:${shape.join(',')}`;
    fed.set(name, shape);
    return name;
  };

/** By nodes of the graph where the count is known only at run time; for indices of 64 bits. */
export const computedClasses =
  (
    extents: NameExtents,
    { classes, integers }: Pick<Constants, 'classes' | 'integers'>,
    emit: Emit,
  ): NameClasses =>
  (count) => {
    if (typeof count === 'number') return classes(count);
    const scalar = (vector: string): string => emit('Squeeze', [vector, integers([0])]);
    const [first, end, step] = [integers([0]), extents([count]), integers([1])].map(scalar) as [
      string,
      string,
      string,
    ];
    return emit('Unsqueeze', [emit('Range', [first, end, step]), integers([0])]);
  };

/** By inputs beside the graph's own, which `fed` collects. */
export const fedClasses =
  (fed: Map<string, Dimension>, { classes }: Pick<Constants, 'classes'>): NameClasses =>
  (count) => {
    if (typeof count === 'number') return classes(count);
    const name = `classes:${count}`;
    fed.set(name, count);
    return name;
  };
