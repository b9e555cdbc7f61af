import { createContext } from 'svelte';
import type { AdapterMethod, Dataset, LayerPlace, Model } from '../../../../main/api/contract.ts';
import type { Draft, DraftConfiguration } from './draft.ts';
import type { Problems } from './problems.ts';

/** What the parts of the form share. */
export interface Form {
  readonly draft: Draft;
  readonly model: Model | undefined;
  readonly dataset: Dataset | undefined;
  /** The model's, by their paths; undefined until they are known. */
  readonly layers: readonly LayerPlace[] | undefined;
  readonly problems: Problems;
  /** Steps from one evaluation to the next, as long as nobody gives them. */
  readonly usualInterval: number;
  /** Whether a number of pictures is drawn of each class, which the length can be counted by. */
  readonly drawsShots: boolean;
  /** What is added for a method. */
  newConfiguration(method: AdapterMethod): DraftConfiguration;
  /** Whether a configuration can be told to be as large as another. A comparison matches all of its arms at once. */
  readonly equalsSizes: boolean;
}

export const [getForm, setForm] = createContext<Form>();
