import { onDestroy } from 'svelte';
import type { WorkbenchState } from './workbench.svelte.ts';

export interface Reading {
  /** In bytes; undefined while nothing is read, or nothing is known of it yet. */
  readonly progress: { readonly done: number; readonly total: number } | undefined;
  readonly isStopping: boolean;
  /** @param work takes the name to ask for it by */
  follow<Result>(work: (job: string) => Promise<Result>): Promise<Result>;
  /** Whoever waits for it gets an error. */
  stop(): void;
}

/** Files that are read for a component: how far that is, and the way to stop it. It is stopped with the component. */
export const createReading = ({ client, transport }: WorkbenchState): Reading => {
  let job: string | undefined;
  let progress = $state.raw<Reading['progress']>();
  let isStopping = $state(false);

  const stop = (): void => {
    if (job === undefined || isStopping) return;
    isStopping = true;
    void client.call('readings.stop', { job }).catch(() => (isStopping = false));
  };
  onDestroy(
    transport.subscribe((event) => {
      if (event.name === 'reading.progress' && event.payload.job === job) progress = event.payload;
    }),
  );
  onDestroy(stop);

  return {
    get progress() {
      return progress;
    },
    get isStopping() {
      return isStopping;
    },
    follow: async (work) => {
      job = crypto.randomUUID();
      try {
        return await work(job);
      } finally {
        job = undefined;
        progress = undefined;
        isStopping = false;
      }
    },
    stop,
  };
};
