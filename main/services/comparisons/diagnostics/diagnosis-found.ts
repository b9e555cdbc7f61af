import type { Store } from '../../../store/store.ts';
import { comparisonDiagnosisSchema, type ComparisonDiagnosis } from './comparison-diagnosis.ts';

/** Null where there is none. */
export const diagnosisFound = (store: Store, comparisonId: string): ComparisonDiagnosis | null =>
  comparisonDiagnosisSchema.nullable().parse(store.comparisonDiagnoses.found(comparisonId));
