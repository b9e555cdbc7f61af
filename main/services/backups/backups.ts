import { WorkbenchError } from '../../engine/errors.ts';
import { activeStatuses } from '../runs/run-status.ts';
import type { RunLedger } from '../runs/run-ledger.ts';
import { findExperiment } from '../shared/experiment-lookup.ts';
import type { MethodParamsParsed, WorkbenchMethods } from '../shared/methods.ts';
import type { Ownership } from '../shared/ownership.ts';
import type { UnderWay } from '../shared/under-way.ts';
import { updateMilliseconds } from '../shared/throttle.ts';
import type { EmitEvent } from '../shared/workbench-events.ts';
import type { Backup } from './backups-schema.ts';
import { createBackup, type BackupContext } from './create-backup.ts';
import type { OpenedBackup } from './open-backup.ts';
import { restoreExperiment } from './restore.ts';
import { totalOf, type BackupWork } from './work.ts';

interface BackupsContext extends BackupContext {
  readonly ledger: RunLedger;
  readonly ownership: Ownership;
  readonly underWay: UnderWay;
  readonly emit: EmitEvent;
}

export const backupOf = ({ path, manifest, entries }: OpenedBackup): Backup => {
  const { createdAt, experiment, damaged } = manifest;
  return {
    ...{ path, createdAt, damaged },
    experiment: experiment && { id: experiment.id, name: experiment.name },
    files: entries.length,
    bytes: totalOf(entries),
  };
};

/** Everything, or one experiment, in a file, and back: one at a time, told as it comes along. */
export const createBackupsService = (context: BackupsContext) => {
  const { store, emit, ledger, ownership, underWay } = context;
  let stop: AbortController | undefined;
  let ended: Promise<unknown> = Promise.resolve();

  const inTurn = async (what: string, work: (how: BackupWork) => Promise<OpenedBackup>): Promise<Backup> => {
    if (stop !== undefined)
      throw new WorkbenchError('conflict', 'a backup is being written or restored already; wait for it');
    const own = (stop = new AbortController());
    let told = 0;
    const onProgress: BackupWork['onProgress'] = (phase, done, total) => {
      if (done < total && Date.now() - told < updateMilliseconds) return;
      told = Date.now();
      emit({ name: 'backups.progress', payload: { phase, done, total } });
    };
    const backup = underWay.during(what, () => work({ signal: own.signal, onProgress }));
    ended = backup.catch(() => undefined);
    try {
      return backupOf(await backup);
    } catch (error) {
      if (!own.signal.aborted) throw error;
      throw new WorkbenchError('conflict', 'stopped; nothing was written', { cause: error });
    } finally {
      stop = undefined;
    }
  };

  /** What a run writes at this moment is half of it. */
  const refuseBusy = (experimentId: string | undefined): void => {
    const busy = store.runs
      .withStatus(activeStatuses)
      .some((id) => experimentId === undefined || ledger.show(id).experimentId === experimentId);
    if (busy)
      throw new WorkbenchError('conflict', 'a run of it is going on: pause it, and back up what is at rest');
    if (experimentId === undefined && store.exports.withStatus('running').length > 0)
      throw new WorkbenchError('conflict', 'an export is being written: wait for it');
  };

  return {
    methods: {
      create: ({ targetPath: target, experimentId: wanted }: MethodParamsParsed<'backups.create'>) => {
        const experimentId = wanted === undefined ? undefined : findExperiment(store, wanted).id;
        refuseBusy(experimentId);
        return inTurn('a backup is being written', (work) =>
          createBackup(context, { target, experimentId }, work),
        );
      },
      /** @throws WorkbenchError for a backup of everything: that is a library of its own */
      restore: async ({ sourcePath: path }: MethodParamsParsed<'backups.restore'>) => {
        ownership.require();
        const backup = await inTurn('a backup is being restored', (work) =>
          restoreExperiment(context, path, work),
        );
        const { id } = backup.experiment!;
        ledger.announceExperiments([id]);
        return backup;
      },
      stop: async () => {
        stop?.abort();
        await ended;
        return {};
      },
    } satisfies WorkbenchMethods['backups'],
    close: async (): Promise<void> => {
      stop?.abort();
      await ended;
    },
  };
};
