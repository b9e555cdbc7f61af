import type { ProfileToTell } from '../../../main/cli/profile-text.ts';

/** What a bench of training steps tells, on our side and on the peer's. */
export interface Measured {
  readonly medianStepSeconds: number;
  readonly minimumStepSeconds: number;
  /** Of all threads, over their number: what a step takes where other work keeps the processor from it. */
  readonly minimumProcessorSeconds: number;
  readonly peakMemoryMB: number;
  readonly estimatedMemoryMB?: number;
  /** As the peak counts: pages that two sessions have mapped count twice. */
  readonly estimatedResidentMB?: number;
  readonly trainedParameters: number;
  readonly losses: readonly number[];
  /** What steps are spent on, where that was asked; null or absent elsewhere. */
  readonly profile?: Pick<ProfileToTell, 'account' | 'limits'> | null;
}

export const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? NaN;

/** Steps one after the other; the first, in which memory grows, is not counted. */
export const timeSteps = async (
  steps: number,
  threads: number,
  step: () => Promise<{ readonly loss: number }>,
): Promise<
  Pick<Measured, 'medianStepSeconds' | 'minimumStepSeconds' | 'minimumProcessorSeconds' | 'losses'>
> => {
  const seconds: number[] = [];
  const processor: number[] = [];
  const losses: number[] = [];
  for (let at = 0; at < steps; at++) {
    const started = performance.now();
    const usage = process.cpuUsage();
    losses.push((await step()).loss);
    seconds.push((performance.now() - started) / 1000);
    const { user, system } = process.cpuUsage(usage);
    processor.push((user + system) / 1e6 / threads);
  }
  const later = seconds.slice(1);
  return {
    medianStepSeconds: median(later),
    minimumStepSeconds: Math.min(...later),
    minimumProcessorSeconds: Math.min(...processor.slice(1)),
    losses,
  };
};
