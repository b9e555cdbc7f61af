import { WorkbenchError } from '../../engine/errors.ts';
import type { ReadFiles } from '../reading/reader.ts';
import type { AdapterRecord } from '../../store/repositories/adapters.ts';
import type { Store } from '../../store/store.ts';
import type { RunSpecification } from '../../trainer/protocol/protocol.ts';
import { assertUnchanged, findDataset } from '../library/datasets.ts';
import type { RunLedger } from '../runs/run-ledger.ts';
import { runSpecification } from '../runs/run-specification.ts';
import { findExperiment } from '../shared/experiment-lookup.ts';

interface HeldOutContext {
  readonly store: Store;
  readonly ledger: RunLedger;
  readonly dataDirectory: string;
  readonly readFiles: ReadFiles;
}

/** The run that trained an adapter, for its held-out rows; in words why there is none to read them of. */
export const heldOutOf = async (
  { store, ledger, dataDirectory, readFiles }: HeldOutContext,
  { runId, experimentId, parts }: AdapterRecord,
): Promise<RunSpecification | string> => {
  if (parts !== null) return 'the adapter is a sum of others, whose runs held out rows of their own';
  if (runId === null || experimentId === null)
    return 'the adapter was imported, so no rows are known that it was not trained on';
  try {
    await assertUnchanged(readFiles, findDataset(store, findExperiment(store, experimentId).datasetId));
  } catch (error) {
    if (error instanceof WorkbenchError) return error.message;
    throw error;
  }
  return runSpecification(store, dataDirectory, ledger.show(runId), null);
};
