import type { Command } from 'commander';
import type { Backup } from '../../api/contract.ts';
import { defaultDataDirectory } from '../../api/data-directory.ts';
import { backupOf } from '../../services/backups/backups.ts';
import { openBackup } from '../../services/backups/open-backup.ts';
import { restoreLibrary } from '../../services/backups/restore.ts';
import { verifyBackup } from '../../services/backups/verify-backup.ts';
import type { BackupWork } from '../../services/backups/work.ts';
import { givenPath } from '../../services/shared/given-path.ts';
import { addCommand, addPlainCommand, type Outcome } from '../command.ts';
import { onInterrupt } from '../interrupts.ts';
import type { ProgressView } from '../progress-view.ts';
import { bytesText, countText } from '../quantities.ts';
import { openSession, type Session } from '../session.ts';

export const addBackupCommands = (program: Command): void => {
  addCommand<{ experiment?: string }>(program, {
    usage: 'backup <file>',
    description: 'write everything, or one experiment, into one file that any tar opens',
    options: { '--experiment <experiment>': 'this one alone, with its runs, checkpoints and adapters' },
    run: async ({ progress, ...session }, { experiment }, file = '') => {
      const targetPath = givenPath(file, '<file>');
      const backup = await watched(session, progress, () =>
        session.call('backups.create', { targetPath, experimentId: experiment }),
      );
      return { document: backup, text: withDamaged(backup, `Wrote ${whatText(backup)} to ${backup.path}.`) };
    },
  });

  addPlainCommand<{ dataDir?: string; check?: true; debug?: true }>(program, {
    usage: 'restore <file>',
    description: 'put back what was backed up; whatever is there stays as it is',
    options: {
      '--data-dir <folder>':
        'of everything: a folder that is not there yet; of an experiment: the library it goes into',
      '--check': 'only read all of it and compare every hash',
    },
    run: async ({ progress }, { dataDir, check, debug }, file = '') => {
      const path = givenPath(file, '<file>');
      const directory = dataDir === undefined ? defaultDataDirectory() : givenPath(dataDir, '--data-dir');
      const { experiment } = (await openBackup(path)).manifest;
      if (check === true) return checked(path, progress);
      if (experiment === null) return restored(path, directory, progress);
      const session = openSession(directory, debug === true);
      try {
        const backup = await watched(session, progress, () =>
          session.call('backups.restore', { sourcePath: path }),
        );
        return {
          document: backup,
          text: withDamaged(backup, `Restored ${whatText(backup)} into ${directory}.`),
        };
      } finally {
        await session.workbench.close();
      }
    },
  });
};

const whatText = ({ experiment, files, bytes }: Backup): string => {
  const what = experiment === null ? 'everything' : `the experiment "${experiment.name}"`;
  return `${what} (${countText(files)} files, ${bytesText(bytes)}, every hash compared)`;
};

/** What was damaged before it was saved is said wherever the backup is spoken of: it is no whole copy. */
const withDamaged = ({ damaged }: Backup, text: string): string =>
  damaged.length === 0
    ? text
    : [
        text,
        '',
        'These files were damaged already when they were saved, and lie in it as they were:',
        ...damaged.map(({ name, problem }) => `    ${name}: ${problem}`),
        'Keep an earlier backup that has them whole; `nora doctor --check` says what can be done.',
      ].join('\n');

const show = (
  progress: ProgressView,
  phase: Parameters<BackupWork['onProgress']>[0],
  done: number,
  total: number,
): void => progress.show({ label: 'backup', phase, done, total });

const watched = async <Result>(
  { call, workbench }: Session,
  progress: ProgressView,
  work: () => Promise<Result>,
): Promise<Result> => {
  const stopWatching = workbench.subscribe(({ name, payload }) => {
    if (name === 'backups.progress') show(progress, payload.phase, payload.done, payload.total);
  });
  const handBack = onInterrupt(() => void call('backups.stop', {}));
  try {
    return await work();
  } finally {
    handBack();
    stopWatching();
    progress.clear();
  }
};

const alone = async <Result>(
  progress: ProgressView,
  work: (how: BackupWork) => Promise<Result>,
): Promise<Result> => {
  const stop = new AbortController();
  const handBack = onInterrupt(() => stop.abort());
  try {
    return await work({ signal: stop.signal, onProgress: (...told) => show(progress, ...told) });
  } finally {
    handBack();
    progress.clear();
  }
};

const checked = async (path: string, progress: ProgressView): Promise<Outcome> => {
  const backup = backupOf(await alone(progress, (work) => verifyBackup(path, work)));
  return {
    document: backup,
    text: withDamaged(backup, `${path} has ${whatText(backup)} and is as it was written.`),
  };
};

const restored = async (path: string, directory: string, progress: ProgressView): Promise<Outcome> => {
  const backup = backupOf(await alone(progress, (work) => restoreLibrary(path, directory, work)));
  return { document: backup, text: withDamaged(backup, `Restored ${whatText(backup)} into ${directory}.`) };
};
