import type { SeriesAxis } from '../../../main/api/contract.ts';

/** What the charts of one page share. */
export class ChartSettings {
  axis = $state<SeriesAxis>('step');
  /** Hundredths of the longest run that averages reach over. */
  smoothing = $state(4);
  /** Ids of runs that are not drawn. */
  hidden = $state.raw<ReadonlySet<string>>(new Set());
  /** The run that stands out: under the pointer, or of the focused line of the legend. */
  highlighted = $state<string>();

  isShown = (runId: string): boolean => !this.hidden.has(runId);

  toggle = (runId: string): void => {
    const next = new Set(this.hidden);
    if (!next.delete(runId)) next.add(runId);
    this.hidden = next;
  };

  /** That one and no other; all again where it was so already. */
  solo = (runId: string, all: readonly string[]): void => {
    const others = all.filter((id) => id !== runId);
    const isAlone = this.isShown(runId) && others.every((id) => this.hidden.has(id));
    this.hidden = new Set(isAlone ? [] : others);
  };

  showAll = (): void => {
    this.hidden = new Set();
  };
}
