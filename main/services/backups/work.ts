/** What a backup says of how it comes along. Bytes. */
export interface BackupWork {
  readonly signal: AbortSignal;
  readonly onProgress: (phase: 'reading' | 'writing' | 'verifying', done: number, total: number) => void;
}

export const totalOf = (entries: readonly { readonly bytes: number }[]): number =>
  entries.reduce((sum, { bytes }) => sum + bytes, 0);

/** Counts bytes over several files. */
export const counting = (
  phase: Parameters<BackupWork['onProgress']>[0],
  total: number,
  { signal, onProgress }: BackupWork,
) => {
  let done = 0;
  return { signal, onBytes: (bytes: number): void => onProgress(phase, (done += bytes), total) };
};
