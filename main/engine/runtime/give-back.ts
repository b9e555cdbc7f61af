import { nativeAddon } from '../linear-algebra/native.ts';

/** Where a process was started with `--expose-gc`, as trainers are. */
type Collector = (options: {
  readonly type: 'major';
  /** Everything, with the empty pages that V8 keeps for what comes next. */
  readonly flavor: 'last-resort';
}) => void;

/**
 * Gives back to the system what this process keeps and does not use: describing and opening a large graph leaves pages of JavaScript's heap and of the C
 * library's, which would stay as long as the weights are trained. Takes a tenth of a second. Nothing where it cannot be done.
 */
export const giveBackUnused = (): void => {
  (globalThis as { gc?: Collector }).gc?.({ type: 'major', flavor: 'last-resort' });
  nativeAddon()?.trimHeap();
};
