import { z } from 'zod';
import { matchedBudgetsSchema } from '../../../engine/budgets/budget-schema.ts';
import { taskFactsSchema, type TaskFacts } from '../../../engine/scoring/item-result.ts';
import type { AssessmentRecord } from '../../../store/repositories/assessments.ts';
import type { ComparisonDiagnosisState } from '../../../store/repositories/comparison-diagnoses.ts';
import type { ComparisonRecord, ComparisonRunRecord } from '../../../store/repositories/comparisons.ts';
import type { Store } from '../../../store/store.ts';
import { runStatusSchema, type RunStatus } from '../../shared/entities.ts';
import { configurationSchema } from '../../shared/experiment-definition.ts';
import {
  assessmentStatusSchema,
  comparisonStatusSchema,
  runRoleSchema,
  type ComparisonStatus,
} from '../comparison-schema.ts';
import { comparisonDefinitionSchema, type ComparisonDefinition } from '../definition.ts';
import { confoundSchema } from '../design/confound-schema.ts';
import { trialSchema } from '../design/sweep-schema.ts';

/** What a definition came to when the comparison was created. It stays: later versions may solve or warn otherwise. */
export const storedDesignSchema = z.object({
  arms: z.array(configurationSchema),
  budgets: matchedBudgetsSchema.nullable(),
  confounds: z.array(confoundSchema.omit({ accepted: true })),
  /** Of each arm; empty without tuning. */
  trials: z.array(trialSchema),
});

export type StoredDesign = z.output<typeof storedDesignSchema>;

export interface RunState extends Omit<ComparisonRunRecord, 'role' | 'status'> {
  readonly role: 'tuning' | 'final';
  readonly status: RunStatus;
}

export interface AssessmentState extends Omit<AssessmentRecord, 'status'> {
  readonly status: z.output<typeof assessmentStatusSchema>;
}

export interface TaskState {
  readonly name: string;
  readonly sha256: string | null;
  readonly facts: TaskFacts | null;
}

/** Looking into the adapters: what came of it is read only where it is shown. */
export interface DiagnosisState extends Omit<ComparisonDiagnosisState, 'status'> {
  readonly status: AssessmentState['status'];
}

/** Everything that says how far a comparison is, and so what comes next. */
export interface ComparisonState extends Omit<ComparisonRecord, 'definition' | 'design' | 'status'> {
  readonly definition: ComparisonDefinition;
  readonly design: StoredDesign;
  readonly status: ComparisonStatus;
  readonly runs: readonly RunState[];
  readonly tasks: readonly TaskState[];
  readonly assessments: readonly AssessmentState[];
  /** Null where it has not come to that, or nobody asked. */
  readonly diagnosis: DiagnosisState | null;
}

export const readState = (store: Store, record: ComparisonRecord): ComparisonState => {
  const definition = readDefinition(record.definition);
  return { ...readParts(store, record, definition), definition };
};

const readParts = (
  store: Store,
  record: ComparisonRecord,
  { shots: axis }: ComparisonDefinition,
): Omit<ComparisonState, 'definition'> => ({
  ...record,
  design: storedDesignSchema.parse(record.design),
  status: comparisonStatusSchema.parse(record.status),
  runs: store.comparisons.runs(record.id).map((run) => ({
    ...run,
    shots: axis === null ? null : run.shots,
    role: runRoleSchema.parse(run.role),
    status: runStatusSchema.parse(run.status),
  })),
  tasks: store.comparisons.tasks(record.id).map(({ name, sha256, facts }) => ({
    name,
    sha256,
    facts: taskFactsSchema.nullable().parse(facts),
  })),
  assessments: store.assessments.ofComparison(record.id).map((assessment) => ({
    ...assessment,
    status: assessmentStatusSchema.parse(assessment.status),
  })),
  diagnosis: diagnosisOf(store, record.id),
});

/** What was asked for before diagnostics could be was asked for without them. */
const readDefinition = (definition: unknown): ComparisonDefinition =>
  comparisonDefinitionSchema.parse({ diagnostics: null, ...(definition as object) });

const diagnosisOf = (store: Store, id: string): DiagnosisState | null => {
  const found = store.comparisonDiagnoses.stateOf(id);
  return found === undefined ? null : { ...found, status: assessmentStatusSchema.parse(found.status) };
};

/** Nothing more comes of it by itself. A paused run is not over: whoever paused it may let it go on. */
export const isOver = ({ status }: Pick<RunState, 'status'>): boolean =>
  status === 'completed' || status === 'failed' || status === 'cancelled' || status === 'interrupted';

export const isActiveStatus = (status: ComparisonStatus): boolean =>
  status === 'tuning' || status === 'training' || status === 'scoring' || status === 'diagnosing';
