import { WorkbenchError } from '../../errors.ts';

/** Each is looked at, counted and shown. */
const mostColumns = 10_000;

/** @throws WorkbenchError for a row or a header of more columns than a table of texts has */
export const refuseManyColumns = (count: number, place: string): void => {
  if (count > mostColumns)
    throw new WorkbenchError(
      'unsupported',
      `${place}: has ${count.toLocaleString('en')} columns; ${mostColumns.toLocaleString('en')} can be read: leave out those that are not needed`,
    );
};
