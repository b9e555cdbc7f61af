import { shotsText } from '../api/contract.ts';
import type { Comparison, Run } from '../api/contract.ts';
import { answerText } from './answer-text.ts';
import type { CommandContext, Outcome } from './command.ts';
import { confoundsText } from './comparison-state-text.ts';
import { exitCodes } from './exit-codes.ts';
import { onInterrupt, type EndSignal } from './interrupts.ts';
import { refuseWhilePaused, tellPauses } from './paused-queue.ts';
import { leftAloneText, pausingText } from './pausing-text.ts';
import { lossText } from './quantities.ts';
import { exitCodeOfRest, restText } from './rest-text.ts';

/** Runs what is not done of a comparison and watches it to its end. Ctrl-C, and whatever else asks to end, pauses it. */
export const runComparison = async (
  context: CommandContext,
  { id, status, confounds }: Comparison,
  accept: readonly string[],
): Promise<Outcome> => {
  const { call, progress } = context;
  const confoundsNow = confounds.map((one) => ({
    ...one,
    accepted: one.accepted || accept.includes(one.name),
  }));
  if (confounds.length > 0) progress.note(confoundsText(confoundsNow));
  if (status !== 'completed') await refuseWhilePaused(context);
  const stop = status === 'completed' ? null : await watch(context, id, accept);
  const comparison = await call('comparisons.show', { id });
  if (stop !== null && comparison.status === 'paused')
    return {
      document: { comparison },
      text: restText(stop.runs, `nora comparison run ${id}`),
      exitCode: exitCodeOfRest(stop.runs, stop.signal),
    };
  if (comparison.status !== 'completed')
    return {
      document: { comparison },
      text: [`${comparison.name}: ${comparison.status}`, comparison.error, ...comparison.problems]
        .filter((line) => line !== null)
        .join('\n'),
      exitCode: exitCodes.failed,
    };
  const answer = await call('comparisons.answer', { id });
  return {
    document: { comparison, answer },
    text: [answerText(answer), ...comparison.problems].join('\n'),
    exitCode: exitCodes.done,
  };
};

/** That it was stopped before its end. */
interface Stop {
  readonly signal: EndSignal | null;
  /** What trained then, as it came to rest. */
  readonly runs: readonly Run[];
}

const watch = async (
  { call, router, workbench, progress }: CommandContext,
  id: string,
  accept: readonly string[],
): Promise<Stop | null> => {
  let comparison = await call('comparisons.start', { id, accept: [...accept] });
  const running = new Map<string, Run>();
  const stops: { readonly signal: EndSignal | null; readonly runIds: readonly string[] }[] = [];
  const isStopping = (): boolean => stops.length > 0;
  const isOfComparison = (run: string): boolean => comparison.runs.some(({ runId }) => runId === run);
  const pause = (signal: EndSignal | null, ...paused: readonly string[]): void => {
    stops.push({ signal, runIds: [...running.keys(), ...paused].filter(isOfComparison) });
    void call('comparisons.pause', { id }).catch((error: unknown) => progress.note(String(error)));
  };
  const restOf = async ([stop]: typeof stops): Promise<Stop | null> =>
    stop === undefined
      ? null
      : { signal: stop.signal, runs: await Promise.all(stop.runIds.map(workbench.waitForRun)) };
  const unsubscribe = router.subscribe((event) => {
    if (event.name === 'comparison.changed' && event.payload.id === id) {
      tellEnds(comparison, event.payload, progress.note);
      comparison = event.payload;
      if (!isStopping() && comparison.status === 'scoring') showScoring(comparison, progress.show);
    }
    if (event.name === 'diagnostics.progress' && !isStopping())
      progress.show({ label: 'diagnostics', ...event.payload });
    if (event.name !== 'run.changed') return;
    const { id: runId, status } = event.payload;
    if (status === 'running') running.set(runId, event.payload);
    else running.delete(runId);
    // Its trainer was asked to end, by nobody here: a comparison whose run rests would be waited for in vain.
    if (status === 'paused' && !isStopping() && isOfComparison(runId)) pause(null, runId);
    if (!isStopping()) showRuns(comparison, [...running.values()], progress.show);
  });
  const stopTelling = tellPauses({ router, progress });
  const handBack = onInterrupt((signal) => {
    progress.note(pausingText(workbench.stopsAfter()));
    pause(signal);
  }, leftAloneText);
  try {
    await workbench.waitForComparison(id);
    return await restOf(stops);
  } finally {
    handBack();
    stopTelling();
    unsubscribe();
    progress.clear();
  }
};

/** A line for each run that has come to its end. */
const tellEnds = (before: Comparison, after: Comparison, note: (line: string) => void): void => {
  const was = new Map(before.runs.map((run) => [run.runId, run.status]));
  for (const { runId, arm, shots, seed, trial, role, status, loss, error } of after.runs) {
    if (was.get(runId) === status || !['completed', 'failed', 'interrupted'].includes(status)) continue;
    const which = role === 'tuning' ? `tuning, trial ${trial! + 1}` : `seed ${seed}`;
    const told = loss === null ? '' : `, held-out loss ${lossText(loss)}`;
    const at = shots === null ? '' : `, ${shotsText([shots])}`;
    note(`${arm}${at}, ${which}: ${status}${told}${error === null ? '' : `: ${error}`}`);
  }
};

type Show = CommandContext['progress']['show'];

/** Those of one process end together, each with all its items long before. */
const isScored = ({ status, items, of }: Comparison['assessments'][number]): boolean =>
  status === 'running' ? items === of : status !== 'waiting';

const showScoring = ({ assessments }: Comparison, show: Show): void => {
  const running = assessments.filter(({ status }) => status === 'running');
  const items = running.reduce((sum, one) => sum + one.items, 0);
  const of = running.reduce((sum, one) => sum + (one.of ?? 0), 0);
  const detail = `${assessments.filter(isScored).length} of ${assessments.length} assessments`;
  if (running.length > 0) show({ label: 'items', phase: 'scoring', done: items, total: of, detail });
};

/** One line, also for several that train side by side: their steps together. */
const showRuns = (comparison: Comparison, running: readonly Run[], show: Show): void => {
  const own = running.filter(
    ({ id, progress }) => progress !== null && comparison.runs.some(({ runId }) => runId === id),
  );
  const [first, ...others] = own;
  if (first === undefined) return;
  const { role, arm } = comparison.runs.find(({ runId }) => runId === first.id)!;
  const phase = comparison.phases.find((one) => one.phase === (role === 'tuning' ? 'tuning' : 'training'));
  const [done, total] = [phase?.done ?? 0, phase?.total ?? 0];
  const training = own.filter(({ progress }) => progress?.phase === 'training');
  const isTraining = training.length > 0;
  const sum = (counts: readonly (number | null)[]): number =>
    counts.reduce<number>((all, count) => all + (count ?? 0), 0);
  const loss = others.length === 0 ? first.latest['train/loss'] : undefined;
  show({
    label:
      others.length === 0
        ? `${arm} (${done + 1} of ${total})`
        : `${own.length} runs side by side (${done} of ${total} done)`,
    phase: isTraining ? 'training' : first.progress!.phase,
    done: isTraining ? sum(own.map(({ step }) => step)) : first.progress!.done,
    total: isTraining ? sum(own.map(({ steps }) => steps)) : first.progress!.total,
    ...(isTraining && loss !== undefined && { detail: `loss ${lossText(loss)}` }),
  });
};
