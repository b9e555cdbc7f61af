import { metricRegistry, summaryValue } from '../api/contract.ts';
import type { Run, RunSummary } from '../api/contract.ts';
import type { CommandContext } from './command.ts';
import { onInterrupt, type EndSignal } from './interrupts.ts';
import { tellPauses } from './paused-queue.ts';
import { leftAloneText, pausingText } from './pausing-text.ts';
import type { ProgressState } from './progress-view.ts';
import { lossText, metricText, secondsText, stepsText } from './quantities.ts';
import { picturesLine, sampleLines } from './sample-text.ts';

export interface WatchedRuns {
  readonly runs: readonly Run[];
  /** By which all that is not done was asked to pause; null where nobody asked. */
  readonly signal: EndSignal | null;
}

type Watching = Pick<CommandContext, 'call' | 'router' | 'workbench' | 'progress'>;

/** Shows started runs until all have come to rest. Ctrl-C, and whatever else asks to end, pauses them, each with a checkpoint. */
export const watchRuns = async (context: Watching, started: readonly Run[]): Promise<WatchedRuns> => {
  const { router, workbench, progress } = context;
  const latest = new Map(started.map((run) => [run.id, run]));
  let signal: EndSignal | null = null;

  const unsubscribe = router.subscribe((event) => {
    if (event.name === 'run.samples') {
      const run = latest.get(event.payload.runId);
      if (run !== undefined) sampleLines(run, event.payload).forEach(progress.note);
    }
    if (event.name === 'run.pictures') {
      const run = latest.get(event.payload.runId);
      if (run !== undefined) progress.note(picturesLine(run, event.payload));
    }
    if (event.name !== 'run.changed' || !latest.has(event.payload.id)) return;
    latest.set(event.payload.id, event.payload);
    const state = progressOf(event.payload);
    if (state !== null && signal === null) progress.show(state);
  });
  const stopTelling = tellPauses(context);
  const handBack = onInterrupt((name) => {
    signal = name;
    progress.note(pausingText(workbench.stopsAfter()));
    void pauseAll(context, [...latest.values()]);
  }, leftAloneText);

  try {
    const finish = async ({ id }: Run): Promise<Run> => {
      const run = await workbench.waitForRun(id);
      progress.note(endOf(run));
      for (const notice of run.notices) progress.note(`${run.configuration.name}: ${notice}`);
      return run;
    };
    return { runs: await Promise.all(started.map(finish)), signal };
  } finally {
    handBack();
    stopTelling();
    unsubscribe();
    progress.clear();
  }
};

/** Those that wait come first, or one would start as soon as another has stopped. */
const pauseAll = async ({ call, progress }: Watching, runs: readonly Run[]): Promise<void> => {
  const isWaiting = ({ status }: Run): boolean => status === 'queued';
  for (const { id } of [...runs.filter(isWaiting), ...runs.filter(({ status }) => status === 'running')]) {
    try {
      await call('runs.pause', { id });
    } catch (error) {
      progress.note((error as Error).message); // it came to rest by itself
    }
  }
};

const progressOf = ({
  configuration: { name: label },
  status,
  progress,
  step,
  steps,
  latest,
}: Run): ProgressState | null => {
  if (status !== 'running') return null;
  if (progress === null) return step === 0 ? { label, phase: 'starting', done: 0, total: 0 } : null;
  if (progress.phase !== 'training') return { label, ...progress };
  const loss = latest['train/loss'];
  const detail = loss === undefined ? {} : { detail: `loss ${lossText(loss)}` };
  return { label, phase: progress.phase, done: step, total: steps ?? 0, ...detail };
};

/** Where the adapter is not the last step's. */
const savedText = ({ 'run/kept_step': step, 'run/evaluations': count }: RunSummary): string =>
  step === undefined ? '' : ` (best of ${count}, step ${step})`;

/** `, held-out loss 5.2742 -> 4.4760`, and whatever else was measured before and after */
const courseText = (summary: RunSummary): string =>
  metricRegistry
    .filter((entry) => entry.summary?.columns.includes('before'))
    .map((entry) => {
      const [before, after] = (['before', 'after'] as const).map((at) =>
        summaryValue(summary, entry.name, at),
      );
      return after === undefined
        ? ''
        : `, ${entry.label} ${metricText(entry, before)} -> ${metricText(entry, after)}`;
    })
    .join('');

const endOf = (run: Run): string => {
  const { configuration, status, summary, error } = run;
  const { name } = configuration;
  if (status === 'completed' && summary !== null) {
    const seconds = secondsText(summary['run/total_seconds']);
    return `${name}: completed in ${seconds} s${courseText(summary)}${savedText(summary)}`;
  }
  if (status === 'paused') return `${name}: paused at step ${stepsText(run)}`;
  return `${name}: ${status === 'created' ? 'not started' : status}${error === null ? '' : `: ${error}`}`;
};
