import type { Store } from '../../../store/store.ts';
import type { Diagnosis } from '../../../trainer/protocol/diagnosis-schema.ts';
import type { SpawnTrainer } from '../../../trainer/process/trainer-process.ts';
import {
  diagnoseSpecification,
  firstGradientNorm,
  type DiagnoseContext,
} from '../../diagnostics/diagnose-specification.ts';
import type { QueueJob } from '../../runs/run-queue.ts';
import { now } from '../../shared/identifiers.ts';
import type { EmitEvent } from '../../shared/workbench-events.ts';
import {
  failureOf,
  startTrainerJob,
  type JobEnd,
  type TrainerJob,
  type TrainerNews,
} from '../../trainer-jobs/trainer-job.ts';
import type { ComparisonState, DiagnosisState } from '../orchestration/comparison-state.ts';
import type { DiagnosedSubjects } from './diagnosed-subjects.ts';
import { summariseDiagnosis } from './summarise-diagnosis.ts';

export interface DiagnoseSessionContext extends DiagnoseContext {
  readonly spawnTrainer: SpawnTrainer;
  readonly emit: EmitEvent;
  /** Tells of the comparison as it now stands. */
  readonly announce: () => void;
  /** Called once the end is written down. */
  readonly onEnd: () => void;
}

/** Looks into the adapters of a comparison, in a trainer process. One that is ended before its end begins anew. */
export const startDiagnoseSession = (
  context: DiagnoseSessionContext,
  { id, modelId, design }: ComparisonState,
  subjects: DiagnosedSubjects,
): QueueJob => {
  const { store, ledger, spawnTrainer, emit, announce, onEnd } = context;
  let job: TrainerJob | undefined;
  let isStopped = false;
  let isEnded = false;

  const change = (status: DiagnosisState['status'], error: string | null = null, found?: unknown): void =>
    store.comparisonDiagnoses.change(
      id,
      { status, error, endedAt: status === 'running' ? null : now() },
      found,
    );

  const finish = (end: JobEnd): void => {
    if (isEnded) return;
    isEnded = true;
    try {
      if (end.type === 'diagnosed') {
        const whole = withGradients(store, end.diagnosis);
        change(
          'completed',
          null,
          summariseDiagnosis(
            whole,
            subjects,
            design.arms.map(({ name }) => name),
          ),
        );
      } else if (!isStopped) change('failed', messageOf(end));
      // Where it was given up meanwhile, that stands.
      else if (store.comparisonDiagnoses.stateOf(id)?.status === 'running') change('waiting');
      announce();
    } catch {
      // A full disk: it is found unfinished, and begins anew, at the next start.
    }
    onEnd();
  };

  const onNews = (news: TrainerNews): void => {
    if (news.type !== 'progress') return;
    const { phase, done, total } = news;
    emit({ name: 'diagnostics.progress', payload: { phase, done, total } });
  };

  const run = async (): Promise<void> => {
    try {
      change('running');
      announce();
      const runs = subjects.runs.map(({ runId }) => ledger.show(runId));
      const pairs = subjects.pairs.map(([a, b]): [number, number] => [a, b]);
      const specification = await diagnoseSpecification(context, modelId, runs, pairs);
      if (isStopped) return finish({ type: 'cancelled', step: 0 });
      job = startTrainerJob(spawnTrainer, { type: 'diagnose', specification }, { onNews, onEnd: finish });
      await job.gone;
    } catch (error) {
      finish(failureOf(error));
    }
  };

  const kill = (): void => {
    isStopped = true;
    // It has nothing to save, so there is nothing to wait for.
    job?.kill();
  };
  return { stop: kill, kill, gone: run() };
};

const withGradients = (store: Store, { runs, pairs }: Diagnosis): Diagnosis => ({
  runs: runs.map((run) => ({ ...run, firstGradientNorm: firstGradientNorm(store, run.runId) })),
  pairs,
});

const messageOf = (end: JobEnd): string =>
  end.type === 'failed' || end.type === 'died'
    ? end.message
    : `the trainer answered diagnostics with "${end.type}"`;
