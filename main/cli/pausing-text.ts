/** @param waits what each run that trains has to do yet */
export const pausingText = (waits: readonly string[]): string =>
  waits.length === 0
    ? 'Pausing. Ctrl-C again stops at once.'
    : `Pausing: ${waits.join(', ')}; then its checkpoint is written. Ctrl-C again stops at once.`;
