import { WorkbenchError } from '../../engine/errors.ts';
import type { DeviceName } from '../../engine/runtime/device-names.ts';
import type { Store } from '../../store/store.ts';
import { untilUntrained } from '../../trainer/run/run-lock.ts';
import { clearRunFolder } from './clear-run-folder.ts';
import type { RunLedger } from './run-ledger.ts';
import { chooseDevice, type KnownDevices } from './run-device.ts';
import { runDirectoryOf } from './run-specification.ts';
import { isAtRest } from './run-status.ts';

interface StartOverContext {
  readonly store: Store;
  readonly ledger: RunLedger;
  readonly devices: KnownDevices;
  readonly dataDirectory: string;
}

/**
 * Gives up all that a run has done, and puts it at the queue's end: for one whose checkpoints are lost.
 * @throws WorkbenchError 'conflict' where it trains or is completed, or can't begin by itself
 */
export const startOver = async (
  { store, ledger, devices, dataDirectory }: StartOverContext,
  id: string,
  wanted?: DeviceName,
): Promise<void> => {
  const run = ledger.show(id);
  const { status, configuration, origin } = run;
  const { name } = configuration;
  if (!isAtRest(status) || status === 'completed')
    throw new WorkbenchError(
      'conflict',
      `the run "${name}" is ${status}: only one at rest that did not come to its end can be started over`,
    );
  if (origin !== undefined)
    throw new WorkbenchError(
      'conflict',
      `the run "${name}" began at step ${origin.step} of "${origin.name}", not at 0; go on from "${origin.name}" anew`,
    );
  const device = chooseDevice(store, devices, run, { wanted, since: 0 });
  const directory = runDirectoryOf(dataDirectory, id);
  await untilUntrained(directory, { patience: 0 });
  clearRunFolder(directory);
  ledger.change(id, { status: 'queued', step: 0, error: null, endedAt: null, notices: [], device }, () => {
    store.checkpoints.removeAll(id);
    store.metrics.removeAll(id);
    store.runSamples.removeAfter(id, -1);
    store.runPictures.removeAfter(id, -1);
    store.runs.setEventsRead(id, 0);
  });
};
