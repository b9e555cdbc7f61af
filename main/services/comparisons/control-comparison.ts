import { WorkbenchError } from '../../engine/errors.ts';
import type { Store } from '../../store/store.ts';
import type { RunLedger } from '../runs/run-ledger.ts';
import type { RunQueue } from '../runs/run-queue.ts';
import type { createRunsService } from '../runs/runs.ts';
import { isAtRest } from '../runs/run-status.ts';
import { now } from '../shared/identifiers.ts';
import { isActiveStatus, type ComparisonState, type RunState } from './orchestration/comparison-state.ts';
import { finalRuns } from './orchestration/final-runs.ts';
import { diagnosedSubjects } from './diagnostics/diagnosed-subjects.ts';
import { noteDiagnosis } from './diagnostics/note-diagnosis.ts';
import { nextWork } from './orchestration/next-work.ts';
import type { ComparisonDriver } from './orchestration/driver.ts';

export interface ControlContext {
  readonly store: Store;
  readonly ledger: RunLedger;
  readonly queue: RunQueue;
  readonly runs: Pick<ReturnType<typeof createRunsService>, 'pause' | 'cancel'>;
  readonly driver: ComparisonDriver;
}

/**
 * Confounds that nobody has accepted are told by name, before anything runs.
 * @throws WorkbenchError `conflict`
 */
export const refuseUnaccepted = ({ name, design }: ComparisonState, accepted: ReadonlySet<string>): void => {
  const open = design.confounds.filter((confound) => !accepted.has(confound.name));
  if (open.length === 0) return;
  const told = open.map((confound) => `${confound.name} (${confound.message})`).join('; ');
  throw new WorkbenchError(
    'conflict',
    `the comparison "${name}" has ${open.length === 1 ? 'a confound' : `${open.length} confounds`} besides the method that must be accepted by name before it runs: ${told}`,
  );
};

/** Puts everything that is not done where the driver finds it: what failed is tried once more. */
export const startComparison = (
  { store, ledger, queue, driver }: ControlContext,
  state: ComparisonState,
): void => {
  const final = finalRuns(state);
  // Once runs that are reported on are there, their settings stand: another trial would come too late.
  const wanted = final.length > 0 ? final : state.runs;
  store.transaction(() => {
    store.comparisons.update(state.id, {
      status: phaseNow(state),
      error: null,
      startedAt: state.startedAt ?? now(),
      endedAt: null,
    });
    for (const { id, status } of state.assessments)
      if (status === 'failed') store.assessments.update(id, { status: 'waiting', error: null });
    if (state.diagnosis?.status === 'failed') noteDiagnosis(store, state.id);
  });
  for (const { runId, status } of wanted)
    if (isAtRest(status) && status !== 'completed') ledger.change(runId, { status: 'queued' });
  queue.advance();
  driver.advance(state.id);
};

const phaseNow = (state: ComparisonState): ComparisonState['status'] => {
  const final = finalRuns(state);
  if (final.length === 0) return state.definition.tuning === null ? 'training' : 'tuning';
  return final.every(({ status }) => status === 'completed') ? 'scoring' : 'training';
};

/** Nothing of it goes on, and nothing is lost. */
export const pauseComparison = (context: ControlContext, state: ComparisonState): void => {
  refuseUnlessActive(state, 'paused');
  context.store.comparisons.update(state.id, { status: 'paused' });
  context.driver.stopJobs(state.id);
  // Those that wait first: one that makes room would let the next one start.
  for (const { runId } of withStatus(state, 'queued')) context.runs.pause({ id: runId });
  for (const { runId } of withStatus(state, 'running', 'pausing')) context.runs.pause({ id: runId });
};

export const cancelComparison = (context: ControlContext, state: ComparisonState): void => {
  if (state.status !== 'paused') refuseUnlessActive(state, 'cancelled');
  if (isScored(state)) return giveUpDiagnostics(context, state);
  context.store.comparisons.update(state.id, { status: 'cancelled', endedAt: now() });
  context.driver.stopJobs(state.id);
  for (const { runId } of withStatus(state, 'queued', 'paused')) context.runs.cancel({ id: runId });
  for (const { runId } of withStatus(state, 'running', 'pausing')) context.runs.cancel({ id: runId });
};

/** Whether nothing but diagnostics is left. */
const isScored = (state: ComparisonState): boolean => {
  const next = nextWork(state);
  return next.type === 'diagnose' || (next.type === 'wait' && next.phase === 'diagnosing');
};

/** There is an answer, which stands. */
const giveUpDiagnostics = ({ store, driver }: ControlContext, { id, diagnosis }: ComparisonState): void => {
  if (diagnosis === null) noteDiagnosis(store, id);
  store.comparisonDiagnoses.change(id, { status: 'failed', error: 'they were cancelled', endedAt: now() });
  store.comparisons.update(id, { status: 'completed', endedAt: now() });
  driver.stopJobs(id);
};

/**
 * Has the adapters of a comparison looked into that is done: where nobody had asked before, and where it failed.
 * @throws WorkbenchError `conflict` where it is not done, or has no adapter
 */
export const diagnoseComparison = ({ store, driver }: ControlContext, state: ComparisonState): void => {
  if (state.status !== 'completed')
    throw new WorkbenchError(
      'conflict',
      `the comparison "${state.name}" is ${state.status}: it can be looked into once it is completed`,
    );
  if (diagnosedSubjects(state).runs.length === 0)
    throw new WorkbenchError('conflict', `the comparison "${state.name}" has no adapter to look into`);
  store.transaction(() => {
    noteDiagnosis(store, state.id);
    store.comparisons.update(state.id, { status: 'diagnosing', endedAt: null });
  });
  driver.advance(state.id);
};

const withStatus = ({ runs }: ComparisonState, ...statuses: readonly RunState['status'][]): RunState[] =>
  runs.filter(({ status }) => statuses.includes(status));

const refuseUnlessActive = ({ name, status }: ComparisonState, what: string): void => {
  if (isActiveStatus(status)) return;
  throw new WorkbenchError('conflict', `the comparison "${name}" is ${status}: it can't be ${what}`);
};

/** @throws WorkbenchError `conflict` while anything of it is at work */
export const refuseWhileAtWork = ({ name, status, runs, assessments, diagnosis }: ComparisonState): void => {
  if (isActiveStatus(status))
    throw new WorkbenchError('conflict', `the comparison "${name}" is ${status}; pause or cancel it first`);
  const isBusy =
    runs.some((run) => !isAtRest(run.status)) ||
    assessments.some((one) => one.status === 'running') ||
    diagnosis?.status === 'running';
  if (isBusy)
    throw new WorkbenchError('conflict', `the comparison "${name}" is coming to rest; try again in a moment`);
};
