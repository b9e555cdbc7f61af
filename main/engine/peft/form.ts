import type { PeftContents } from './folder.ts';
import type { PeftPlacement } from './targeting.ts';
import type { LinearLayer } from '../models/architecture.ts';
import type { SavedAdapter } from '../adapters/folder/adapter-folder.ts';
import type { FromPeftOptions, ImportedAdapter } from './forms/lora-read.ts';

/** What becomes of the part of W that an adapter starts as and the base gives up. */
export type ResidualForm =
  /** The adapter takes it away itself, in a second half of the opposite sign: it loads on the base model as it is. */
  | 'in-adapter'
  /** The base that is written beside it lacks it already. */
  | 'in-base';

export type AdapterToWrite = Pick<SavedAdapter, 'settings' | 'layers' | 'values'> & {
  readonly residual: ResidualForm;
};

/** How one of PEFT's methods is read and written. */
export interface PeftForm {
  /** Whether it can sit on embeddings, and train weights that modules share. */
  readonly onTables: boolean;
  /** @param layers all that the model has */
  readonly read: (
    directory: string,
    layers: readonly LinearLayer[],
    options: FromPeftOptions,
  ) => ImportedAdapter;
  /** The adapter as this method of PEFT's, computing the same; null where it is more than the method can say. */
  readonly write: (adapter: AdapterToWrite, placement: PeftPlacement) => PeftContents | null;
}
