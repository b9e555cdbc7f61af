import { createContext } from 'svelte';
import type { Run, WorkbenchEvent } from '../../../main/api/contract.ts';
import type { Transport } from '../transport/transport.ts';

/** How fast a run goes, as this window saw it; undefined is what it has not seen yet. */
export interface RunPace {
  /** The median of the last steps: one that a busy machine held up says nothing of those to come. */
  readonly secondsPerStep: number | undefined;
  /** Of the last whole evaluation. */
  readonly secondsPerEvaluation: number | undefined;
}

export interface Pace {
  /** Reactive. */
  of(runId: string): RunPace;
  stop(): void;
}

export const [getPace, setPace] = createContext<Pace>();

const remembered = 20;

interface Seen {
  readonly stepSeconds: number[];
  evaluationSeconds: number | undefined;
  /** When the evaluation that goes on began. */
  evaluatingSince: number | undefined;
  phase: string | undefined;
}

/** Follows the events of every run. @param now in milliseconds */
export const createPace = (transport: Pick<Transport, 'subscribe'>, now: () => number = Date.now): Pace => {
  const runs = new Map<string, Seen>();
  let version = $state(0);

  const seenOf = (id: string): Seen => {
    const known = runs.get(id);
    if (known !== undefined) return known;
    const fresh: Seen = {
      stepSeconds: [],
      evaluationSeconds: undefined,
      evaluatingSince: undefined,
      phase: undefined,
    };
    runs.set(id, fresh);
    return fresh;
  };

  const takePhase = ({ id, progress }: Run): void => {
    const seen = seenOf(id);
    const phase = progress?.phase;
    if (phase === seen.phase) return;
    const isWatched = seen.phase !== undefined;
    if (seen.evaluatingSince !== undefined) seen.evaluationSeconds = (now() - seen.evaluatingSince) / 1000;
    // One that had begun before this window looked has no beginning that it knows.
    seen.evaluatingSince = phase === 'evaluating' && isWatched ? now() : undefined;
    seen.phase = phase;
    version++;
  };

  const take = (event: WorkbenchEvent): void => {
    if (event.name === 'run.changed') return takePhase(event.payload);
    if (event.name !== 'run.metrics') return;
    const seconds = event.payload.metrics.filter(({ name }) => name === 'train/step_seconds');
    if (seconds.length === 0) return;
    const { stepSeconds } = seenOf(event.payload.runId);
    stepSeconds.push(...seconds.map(({ value }) => value));
    stepSeconds.splice(0, stepSeconds.length - remembered);
    version++;
  };

  const stop = transport.subscribe(take);
  return {
    of(runId) {
      void version;
      const seen = runs.get(runId);
      return {
        secondsPerStep: medianOf(seen?.stepSeconds ?? []),
        secondsPerEvaluation: seen?.evaluationSeconds,
      };
    },
    stop,
  };
};

const medianOf = (values: readonly number[]): number | undefined =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
