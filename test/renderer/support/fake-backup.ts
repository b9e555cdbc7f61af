import { setTimeout as sleep } from 'node:timers/promises';
import type { Backup } from '../../../main/api/contract.ts';
import type { WorkbenchMethods } from '../../../main/services/shared/methods.ts';
import type { EmitEvent } from '../../../main/services/shared/workbench-events.ts';

export const fakeBackup = (path: string): Backup => ({
  ...{ path, createdAt: '2026-11-29T10:00:00.000Z', experiment: null, files: 271, bytes: 8.9e9, damaged: [] },
});

const damaged: Backup['damaged'] = [
  {
    name: 'runs/a1/checkpoints/step-00000200/state.safetensors',
    problem: 'its content is not what was written (another SHA-256)',
  },
];

/** A backup that takes a moment; one whose name says so finds something damaged. */
export const fakeBackups = (emit: EmitEvent): WorkbenchMethods['backups'] => ({
  create: async ({ targetPath }) => {
    emit({ name: 'backups.progress', payload: { phase: 'writing', done: 3.1e9, total: 8.9e9 } });
    await sleep(600);
    return { ...fakeBackup(targetPath), damaged: targetPath.includes('damaged') ? damaged : [] };
  },
  restore: ({ sourcePath }) => fakeBackup(sourcePath),
  stop: () => ({}),
});
