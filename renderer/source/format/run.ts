import { isActive } from '../../../main/api/contract.ts';
import type {
  Adapter,
  Experiment,
  ExperimentSummary,
  Phase,
  Run,
  RunStatus,
  RunSummary,
  TrainingSettings,
} from '../../../main/api/contract.ts';
import { formatCount, formatLoss } from './number.ts';

export type RunAction = 'start' | 'pause' | 'resume' | 'cancel';
export type Tone = 'neutral' | 'active' | 'positive' | 'warning' | 'negative';

/** What each status is called, how it looks, and what can be done in it. */
export const statuses: Record<RunStatus, { label: string; tone: Tone; actions: RunAction[] }> = {
  created: { label: 'Not started', tone: 'neutral', actions: ['start'] },
  queued: { label: 'Queued', tone: 'neutral', actions: ['pause', 'cancel'] },
  running: { label: 'Running', tone: 'active', actions: ['pause', 'cancel'] },
  pausing: { label: 'Pausing', tone: 'warning', actions: ['cancel'] },
  paused: { label: 'Paused', tone: 'warning', actions: ['resume', 'cancel'] },
  cancelling: { label: 'Cancelling', tone: 'warning', actions: [] },
  cancelled: { label: 'Cancelled', tone: 'neutral', actions: ['start'] },
  completed: { label: 'Completed', tone: 'positive', actions: [] },
  failed: { label: 'Failed', tone: 'negative', actions: ['start'] },
  interrupted: { label: 'Interrupted', tone: 'warning', actions: ['start'] },
};

/** What an experiment's status is: that of the run that most wants attention. */
const byAttention: RunStatus[] = [
  'running',
  'pausing',
  'cancelling',
  'queued',
  'failed',
  'interrupted',
  'paused',
  'created',
  'cancelled',
  'completed',
];

export const mostPressing = (has: (status: RunStatus) => boolean): RunStatus =>
  byAttention.find(has) ?? 'created';

export const experimentStatus = ({ runs }: { runs: readonly Run[] }): RunStatus =>
  mostPressing((status) => runs.some((run) => run.status === status));

export const summaryStatus = ({ statuses: counts }: ExperimentSummary): RunStatus =>
  mostPressing((status) => (counts[status] ?? 0) > 0);

/** What its completed runs have trained: no more of an adapter than can be known from them. */
export const adaptersOf = ({
  objective,
  runs,
}: Pick<Experiment, 'objective' | 'runs'>): (Pick<Adapter, 'id' | 'name' | 'settings' | 'objective'> & {
  runId: string;
})[] =>
  runs.flatMap(({ id, adapterId, configuration }) =>
    adapterId === null
      ? []
      : [{ id: adapterId, runId: id, name: configuration.name, settings: configuration.adapter, objective }],
  );

/** `3 of 8`: how many of its runs are completed, where not all of them are. */
export const describeCompleted = ({ statuses: counts }: ExperimentSummary): string => {
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const completed = counts.completed ?? 0;
  return completed === total ? formatCount(total) : `${formatCount(completed)} of ${formatCount(total)}`;
};
/** Those that most want attention first; their places in the experiment stay theirs, as their colours follow from them. */
export const runsByAttention = (runs: readonly Run[]): { run: Run; index: number }[] =>
  runs
    .map((run, index) => ({ run, index }))
    .toSorted((a, b) => byAttention.indexOf(a.run.status) - byAttention.indexOf(b.run.status));

export const isLive = ({ status }: Run): boolean => isActive(status);

export const canStart = ({ status }: Run): boolean =>
  statuses[status].actions.some((action) => action !== 'pause' && action !== 'cancel');

/** What it computes on: as its settings say, or as somebody chose since. */
export const deviceOf = (
  { device, configuration }: Pick<Run, 'device' | 'configuration'>,
  training: TrainingSettings,
): TrainingSettings['device'] => device?.name ?? configuration.training?.device ?? training.device;

/** Where it would otherwise go on: one that begins anyway has nothing to give up. */
export const canStartOver = ({
  status,
  checkpointStep,
  origin,
}: Pick<Run, 'status' | 'checkpointStep' | 'origin'>): boolean =>
  origin === undefined &&
  checkpointStep !== null &&
  checkpointStep > 0 &&
  statuses[status].actions.some((action) => action === 'start' || action === 'resume');

export const phaseNames: Record<Phase, string> = {
  verifying: 'Verifying the model’s files',
  loading: 'Loading the model',
  'preparing-data': 'Preparing the data',
  calibrating: 'Calibrating',
  initialising: 'Initialising the adapter',
  evaluating: 'Evaluating on held-out data',
  sampling: 'Writing samples',
  training: 'Training',
  saving: 'Saving',
  merging: 'Merging',
  checking: 'Checking the logits',
  diagnosing: 'Looking into the layers',
  certifying: 'Measuring and hashing the files',
  scoring: 'Scoring',
  drawing: 'Drawing pictures',
};

/** A run's steps in all, which the trainer has to count where the length is given in epochs or tokens. */
export const formatSteps = (steps: number | null): string => (steps === null ? '?' : formatCount(steps));

/** What starting a run that rests comes to. A checkpoint before the first step is nothing to go on from. */
export const startLabel = ({ status, checkpointStep }: Pick<Run, 'status' | 'checkpointStep'>): string => {
  if (checkpointStep !== null && checkpointStep > 0) return `Go on from step ${formatCount(checkpointStep)}`;
  return status === 'created' ? 'Start' : 'Start again';
};

/** What a live run is doing, and how much of that is done. */
export const describeProgress = (
  run: Pick<Run, 'progress' | 'step' | 'steps'>,
): { text: string; done: number; total: number } => {
  const { progress, step, steps } = run;
  const part = { done: step, total: steps ?? 0 };
  const counted = `${formatCount(step)} / ${formatSteps(steps)}`;
  if (progress === null) return { text: `${counted} steps`, ...part };
  if (progress.phase === 'training') return { text: `Training ${counted}`, ...part };
  const ofPhase = progress.total > 1 ? ` ${formatCount(progress.done)} / ${formatCount(progress.total)}` : '';
  return { text: `${phaseNames[progress.phase]}${ofPhase}`, done: progress.done, total: progress.total };
};

/** `, held-out loss 2.1508`; nothing of a run without a result. */
export const scoreOf = ({ summary }: Run): string =>
  summary === null ? '' : `, held-out loss ${formatLoss(summary['validation/loss'])}`;

/** What the runs noticed, each thing once; with the runs' names where only some of those that started noticed it. */
export const gatherNotices = (runs: readonly Run[]): string[] => {
  const started = runs.filter(({ startedAt }) => startedAt !== null);
  return [...new Set(runs.flatMap(({ notices }) => notices))].map((notice) => {
    const names = started
      .filter(({ notices }) => notices.includes(notice))
      .map(({ configuration }) => configuration.name);
    return names.length === started.length ? notice : `${names.join(', ')}: ${notice}`;
  });
};

/** `The lowest of 12 evaluations; 2.412 after the last step` */
export const describeKept = (summary: RunSummary): string =>
  `The lowest of ${summary['run/evaluations']} evaluations; ${formatLoss(summary['validation/loss/last'])} after the last step`;
