import type { BackupProgress } from '../../../../main/api/contract.ts';

/** `nora-2026-11-29.tar`, by the person's own calendar. */
export const backupName = (now: Date): string => {
  const two = (number: number): string => String(number).padStart(2, '0');
  return `nora-${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}.tar`;
};

/** Windows' own folders have its own sign between them. */
export const fileIn = (folder: string, name: string): string => {
  const sign = folder.includes('\\') ? '\\' : '/';
  return folder.endsWith(sign) ? folder + name : `${folder}${sign}${name}`;
};

export const phases: Readonly<Record<BackupProgress['phase'], string>> = {
  reading: 'Reading what is there',
  writing: 'Writing',
  verifying: 'Reading it back',
};
