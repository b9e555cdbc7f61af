import { rowsSourceOf, type RowsSource } from './dataset-source.ts';
import type { RunSpecification } from './protocol.ts';

/** A run on rows of texts. */
export type RowsRun = Omit<RunSpecification, 'dataset'> & { readonly dataset: RowsSource };

export const hasRows = (run: RunSpecification): run is RunSpecification & RowsRun =>
  run.dataset.format.kind !== 'pictures';

/** @param what is asked of it, as in "rows are counted" @throws unsupported for a run on pictures */
export const rowsRunOf = (run: RunSpecification, what: string): RowsRun => ({
  ...run,
  dataset: rowsSourceOf(run.dataset, what),
});
