import type { Store } from '../../../store/store.ts';
import { now } from '../../shared/identifiers.ts';

/** Has a comparison looked into: for the first time, or once more. */
export const noteDiagnosis = (store: Store, comparisonId: string): void => {
  const waiting = { status: 'waiting', error: null, endedAt: null };
  if (store.comparisonDiagnoses.stateOf(comparisonId) === undefined)
    store.comparisonDiagnoses.insert({ comparisonId, ...waiting, createdAt: now() });
  else store.comparisonDiagnoses.change(comparisonId, waiting);
};
