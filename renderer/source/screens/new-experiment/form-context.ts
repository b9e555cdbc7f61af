import { createContext } from 'svelte';
import type { Model } from '../../../../main/api/contract.ts';
import type { Draft } from './draft.ts';
import type { Problems } from './problems.ts';

/** What the parts of the form share. */
export interface Form {
  readonly draft: Draft;
  readonly model: Model | undefined;
  readonly problems: Problems;
}

export const [getForm, setForm] = createContext<Form>();
