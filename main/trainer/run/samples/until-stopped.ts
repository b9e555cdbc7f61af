import type { Report } from '../report.ts';

/** What work that takes long tells how far it is, and by what it learns that it is to stop. */
export interface Watched {
  readonly onProgress: (done: number, total: number) => void;
  readonly signal: AbortSignal;
}

/** Does work that is told how far it is as a phase of the run. @throws what the report throws where the run is to pause or was cancelled */
export const untilStopped = async <Result>(
  report: Report,
  phase: Parameters<Report>[0],
  work: (watched: Watched) => Promise<Result>,
): Promise<Result> => {
  await report(phase, 0, 1);
  const giveUp = new AbortController();
  let asked: Promise<void> = Promise.resolve();
  let stopped: Error | undefined;
  const onProgress = (done: number, total: number): void => {
    asked = asked
      .then(() => report(phase, done, total))
      .catch((error: unknown) => {
        stopped ??= error as Error;
        giveUp.abort();
      });
  };
  try {
    const result = await work({ onProgress, signal: giveUp.signal });
    await asked;
    if (stopped !== undefined) throw stopped;
    return result;
  } catch (error) {
    await asked;
    throw stopped ?? error;
  }
};
