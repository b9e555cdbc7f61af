import type { DataType } from '../data-type.ts';
import { broadcastShapes, type Dimension, type Shape } from '../dimension.ts';
import type { Value } from '../graph.ts';
import type { TensorType } from './entry.ts';

export const describe = (...values: readonly Value[]): string =>
  values.map(({ dataType, shape }) => `${dataType}[${shape.join(', ')}]`).join(' and ');

export const float32 = (shape: Shape): TensorType => ({ dataType: 'float32', shape });

export const requireType = (dataType: DataType, ...values: readonly Value[]): void => {
  for (const value of values)
    if (value.dataType !== dataType) throw new Error(`needs ${dataType}, has ${describe(value)}`);
};

export const requireMatrices = (...values: readonly Value[]): void => {
  if (values.some(({ shape }) => shape.length !== 2))
    throw new Error(`needs matrices, has ${describe(...values)}`);
};

export const requireFit = (fits: boolean, ...values: readonly Value[]): void => {
  if (!fits) throw new Error(`${describe(...values)} do not belong together`);
};

export const broadcast = (...values: readonly Value[]): Shape =>
  values
    .map(({ shape }) => shape)
    .reduce((a, b) => {
      const shape = broadcastShapes(a, b);
      if (!shape) throw new Error(`${describe(...values)} do not broadcast`);
      return shape;
    });

/** The extent of an axis, counted from the end where negative. */
export const axisOf = ({ shape }: { readonly shape: Shape }, axis: number): Dimension => {
  const dimension = shape.at(axis);
  if (dimension === undefined) throw new Error(`has no axis ${axis}: [${shape.join(', ')}]`);
  return dimension;
};
