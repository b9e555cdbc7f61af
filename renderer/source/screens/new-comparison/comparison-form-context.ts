import { createContext } from 'svelte';
import type { Problems } from '../new-experiment/problems.ts';
import type { ComparisonDraft } from './comparison-draft.ts';

/** What the parts of the form share, beside what they share with an experiment's. */
export interface ComparisonForm {
  readonly draft: ComparisonDraft;
  readonly problems: Problems;
}

export const [getComparisonForm, setComparisonForm] = createContext<ComparisonForm>();
