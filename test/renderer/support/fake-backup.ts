import type { Backup } from '../../../main/api/contract.ts';

export const fakeBackup = (path: string): Backup => ({
  ...{ path, createdAt: '2026-11-29T10:00:00.000Z', experiment: null, files: 271, bytes: 8.9e9, damaged: [] },
});
