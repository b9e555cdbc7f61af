/** @param waits what each run that trains has to do yet */
export const pausingText = (waits: readonly string[]): string =>
  waits.length === 0
    ? 'Pausing. Ctrl-C again stops at once.'
    : `Pausing: ${waits.join(', ')}; then its checkpoint is written. Ctrl-C again stops at once.`;

/** What happens to runs whose command line does not wait for them. */
export const leftAloneText =
  'Ended at once: what trains finishes its step, writes its checkpoint and ends by itself.\n';
