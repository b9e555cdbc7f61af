import type { SavedAdapter, TrainedWeight } from '../adapters/folder/adapter-folder.ts';
import type { FactorValues } from '../adapters/layer/layer-adapter.ts';
import type { AdapterSettings } from '../adapters/settings/adapter-settings.ts';
import type { LinearLayer } from '../models/architecture.ts';
import type { PeftContents, PeftFolder } from './folder.ts';
import type { PeftPlacement } from './targeting.ts';

/** An adapter of PEFT's in our terms: what it is, where it sits, and the numbers that its file holds. */
export interface ImportedAdapter {
  readonly settings: AdapterSettings;
  readonly layers: readonly LinearLayer[];
  /** Base weights that were trained whole; their numbers are in `values`. */
  readonly weights: readonly TrainedWeight[];
  /** Of the factors that are in the file; frozen ones that PEFT makes again from the base's weights are not. */
  readonly values: FactorValues;
}

export interface ReadPeftOptions {
  /** Whether the model has given up already what the adapter starts from: the base that PEFT saved beside it. */
  readonly onResidualBase?: boolean;
}

/** What becomes of the part of W that an adapter starts as and the base gives up. */
export type ResidualForm =
  /** The adapter takes it away itself, in a second half of the opposite sign: it loads on the base model as it is. */
  | 'in-adapter'
  /** The base that is written beside it lacks it already. */
  | 'in-base';

export type AdapterToWrite = Pick<SavedAdapter, 'settings' | 'layers' | 'values'> & {
  readonly residual: ResidualForm;
};

/** How one of PEFT's methods is read and written: all that is known of its configuration and its tensors. */
export interface PeftForm {
  /** Whether it can sit on embeddings and convolutions, and train weights that modules share. */
  readonly onAnyLayer: boolean;
  /**
   * @param layers all that the model has
   * @throws WorkbenchError naming the file and the setting or tensor, or the module that the model lacks or has in another size
   */
  readonly read: (
    folder: PeftFolder,
    layers: readonly LinearLayer[],
    options: ReadPeftOptions,
  ) => ImportedAdapter;
  /** The adapter as this method of PEFT's, computing the same; null where it is more than the method can say. */
  readonly write: (adapter: AdapterToWrite, placement: PeftPlacement) => PeftContents | null;
}
