import type { Store } from '../../../store/store.ts';
import type { RunLedger } from '../../runs/run-ledger.ts';
import type { RunQueue } from '../../runs/run-queue.ts';
import { isAtRest } from '../../runs/run-status.ts';
import type { EmitEvent } from '../../shared/workbench-events.ts';
import { createId, now } from '../../shared/identifiers.ts';
import type { EventListener } from '../../shared/event-bus.ts';
import { failureOf } from '../../trainer-jobs/trainer-job.ts';
import type { ComparisonStatus } from '../comparison-schema.ts';
import { startDiagnoseSession } from '../diagnostics/diagnose-session.ts';
import { isOutdated, type DiagnosedSubjects } from '../diagnostics/diagnosed-subjects.ts';
import { noteDiagnosis } from '../diagnostics/note-diagnosis.ts';
import { startScoreSession, type ScoreContext } from '../scoring/score-session.ts';
import { together } from '../scoring/score-specification.ts';
import { isActiveStatus, readState, type ComparisonState } from './comparison-state.ts';
import { makeFinalRuns, makeTuningRuns } from './make-runs.ts';
import { nextWork, type NextWork } from './next-work.ts';

export interface DriverContext extends Omit<ScoreContext, 'announce' | 'onEnd'> {
  readonly emit: EmitEvent;
  readonly ledger: RunLedger;
  readonly queue: RunQueue;
  readonly subscribe: (listener: EventListener) => () => void;
  /** Tells of a comparison as it now stands. */
  readonly announce: (id: string) => void;
}

/** Keeps the comparisons that are under way going. */
export interface ComparisonDriver {
  /** Does what is to be done next, soon. */
  advance(id: string): void;
  /** Ends a comparison's scoring or diagnostics, if there are any: what is scored stays. */
  stopJobs(id: string): void;
  /** Does nothing more. */
  close(): void;
}

const phaseOf = {
  tune: 'tuning',
  train: 'training',
  assess: 'scoring',
  score: 'scoring',
  diagnose: 'diagnosing',
} as const satisfies Partial<Record<NextWork['type'], ComparisonStatus>>;

/**
 * Acts on what the store says is next, whenever a run of an active comparison comes to rest or its scoring ends. It holds nothing itself, so it can
 * begin anywhere.
 */
export const createComparisonDriver = (context: DriverContext): ComparisonDriver => {
  const { store, ledger, queue, announce } = context;
  const due = new Set<string>();
  let isClosed = false;

  const advance = (id: string): void => {
    // Later: a change is told while whoever made it is still at work.
    if (!isClosed && due.size === 0) setImmediate(work);
    due.add(id);
  };

  const work = (): void => {
    const ids = [...due];
    due.clear();
    if (!isClosed) ids.forEach(drive);
  };

  const drive = (id: string): void => {
    try {
      while (takeStep(id));
    } catch (error) {
      fail(id, failureOf(error).message);
    }
  };

  /** A full disk must not take the workbench with it: the comparison is found as it was at the next start. */
  const fail = (id: string, error: string): void => {
    try {
      end(id, 'failed', error);
    } catch {
      return;
    }
  };

  const end = (id: string, status: 'completed' | 'failed', error: string | null): void => {
    store.comparisons.update(id, { status, error, endedAt: now() });
    announce(id);
  };

  const enter = (state: ComparisonState, status: ComparisonStatus): void => {
    if (state.status === status) return;
    store.comparisons.update(state.id, { status });
    announce(state.id);
  };

  /** Whether there may be more to do at once. */
  const takeStep = (id: string): boolean => {
    const record = store.comparisons.find(id);
    if (record === undefined) return false;
    const state = readState(store, record);
    if (!isActiveStatus(state.status)) return false;
    const next = nextWork(state);
    switch (next.type) {
      case 'wait':
        enter(state, next.phase);
        return false;
      case 'finish':
        end(id, next.status, next.error);
        return false;
      case 'tune':
      case 'train':
        queueRuns(
          store.transaction(() =>
            next.type === 'tune' ? makeTuningRuns(store, state, next) : makeFinalRuns(store, state, next),
          ),
        );
        // Told even where the phase stays: the first runs come into a comparison that its start has called tuning or training already.
        store.comparisons.update(id, { status: phaseOf[next.type] });
        announce(id);
        return true;
      case 'assess':
        store.transaction(() => {
          noteAssessments(store, state, next.runIds);
          if (isOutdated(state, next.runIds)) noteDiagnosis(store, id);
        });
        enter(state, phaseOf[next.type]);
        return true;
      case 'score':
        enter(state, phaseOf[next.type]);
        score(state, next.assessments);
        return false;
      case 'diagnose':
        if (state.diagnosis === null) noteDiagnosis(store, state.id);
        enter(state, phaseOf[next.type]);
        diagnose(state, next.subjects);
        return false;
    }
  };

  const queueRuns = (runIds: readonly string[]): void => {
    for (const runId of runIds) ledger.change(runId, { status: 'queued' });
    queue.advance();
  };

  const score = (
    state: ComparisonState,
    assessments: Extract<NextWork, { type: 'score' }>['assessments'],
  ): void =>
    queue.add(scoringKey(state.id), () =>
      startScoreSession(
        { ...context, announce: () => announce(state.id), onEnd: () => advance(state.id) },
        state,
        together(state, assessments),
      ),
    );

  const diagnose = (state: ComparisonState, subjects: DiagnosedSubjects): void =>
    queue.add(diagnosingKey(state.id), () =>
      startDiagnoseSession(
        { ...context, announce: () => announce(state.id), onEnd: () => advance(state.id) },
        state,
        subjects,
      ),
    );

  const stop = context.subscribe((event) => {
    if (event.name !== 'run.changed' || !isAtRest(event.payload.status)) return;
    const id = store.comparisons.ofRun(event.payload.id);
    if (id === undefined) return;
    announce(id);
    advance(id);
  });

  return {
    advance,
    stopJobs: (id) => {
      queue.drop(scoringKey(id));
      queue.drop(diagnosingKey(id));
    },
    close: () => {
      isClosed = true;
      stop();
    },
  };
};

const scoringKey = (id: string): string => `scoring ${id}`;
const diagnosingKey = (id: string): string => `diagnosing ${id}`;

const noteAssessments = (
  store: Store,
  { id: comparisonId, definition }: ComparisonState,
  runIds: readonly (string | null)[],
): void => {
  for (const runId of runIds)
    for (const { name } of definition.tasks)
      store.assessments.insert({
        id: createId(),
        comparisonId,
        runId,
        task: name,
        status: 'waiting',
        error: null,
        scores: {},
        createdAt: now(),
        endedAt: null,
      });
};
