/** Of the time that a run computes, at most so much goes into checkpoints that are written by time. */
const largestShare = 0.01;

export interface CheckpointClockOptions {
  /** Between two checkpoints; 0 for none by time. */
  readonly minutes: number;
  /** Seconds that have passed, whoever had the turn: what would be lost. They never go back, as the time of day may. */
  readonly passed: () => number;
  /** Seconds that this run has computed: what a write is held against. */
  readonly computed: () => number;
}

/** When a checkpoint is due by time: so that little is lost, and never so often that it costs more than its share. */
export interface CheckpointClock {
  readonly isDue: () => boolean;
  /** Writes one, whatever the reason, and begins to count anew. */
  readonly time: <Written>(write: () => Promise<Written>) => Promise<Written>;
}

export const createCheckpointClock = ({
  minutes,
  passed,
  computed,
}: CheckpointClockOptions): CheckpointClock => {
  let last = { passed: passed(), computed: computed() };
  /** Of the last two, so that one during which the machine slept puts off none; none before the first. */
  let writes: readonly number[] = [];
  /** Computing between two writes that makes a write its share of both. */
  const leastComputed = (): number =>
    writes.length === 0 ? 0 : Math.min(...writes) * (1 / largestShare - 1);

  return {
    isDue: () =>
      minutes > 0 && passed() - last.passed >= 60 * minutes && computed() - last.computed >= leastComputed(),
    time: async (write) => {
      const began = passed();
      const written = await write();
      writes = [...writes, passed() - began].slice(-2);
      last = { passed: passed(), computed: computed() };
      return written;
    },
  };
};
