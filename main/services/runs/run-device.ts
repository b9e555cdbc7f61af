import { WorkbenchError } from '../../engine/errors.ts';
import type { DeviceName } from '../../engine/runtime/device-names.ts';
import { devices as knownDevices } from '../../engine/runtime/devices.ts';
import { overriddenTraining } from '../../engine/train/settings/training-overrides.ts';
import type { Store } from '../../store/store.ts';
import type { Devices } from '../devices/devices.ts';
import type { Run } from '../shared/entities.ts';
import { experimentDefinitionSchema } from '../shared/experiment-definition.ts';
import { findExperiment } from '../shared/experiment-lookup.ts';

/** What a run goes on on in place of the device that its settings name, and from which step on. */
type ChosenDevice = NonNullable<Run['device']>;

/** What a run's settings say that it computes on. */
export const deviceOfSettings = (
  store: Store,
  { experimentId, configuration }: Pick<Run, 'experimentId' | 'configuration'>,
): DeviceName => {
  const { training } = experimentDefinitionSchema.parse(findExperiment(store, experimentId).definition);
  return overriddenTraining(training, configuration.training).device;
};

/** What is known of devices without trying them. */
export type KnownDevices = Pick<Devices, 'refuseUnusable' | 'known'>;

interface Choice {
  /** The one that it has where absent. */
  readonly wanted: DeviceName | undefined;
  /** The step that the run goes on from. */
  readonly since: number;
}

/**
 * Where a run goes on from now on. A checkpoint is weights and the optimizer's state as plain numbers, so any device can take it up: only the
 * rounding of what follows is another.
 * @returns what is kept with the run: null where all of it is on the device that its settings name
 * @throws WorkbenchError `unsupported` where the device is known not to work here, `conflict` where nothing is known of it
 */
export const chooseDevice = (
  store: Store,
  devices: KnownDevices,
  run: Run,
  { wanted, since }: Choice,
): ChosenDevice | null => {
  const asked = deviceOfSettings(store, run);
  const had = run.device?.name ?? asked;
  const name = wanted ?? had;
  if (wanted !== undefined) {
    devices.refuseUnusable(wanted);
    // Found out in the run itself, it would have failed, and be on a device that it was never on.
    const isTried = wanted === 'cpu' || wanted === asked || wanted === had || devices.known(wanted) !== null;
    if (!isTried)
      throw new WorkbenchError(
        'conflict',
        `device: ${knownDevices[wanted].label} was not tried here yet; have the devices tried first (nora devices, or the page Devices)`,
      );
  }
  if (since === 0) return name === asked ? null : { name, since };
  return name === had ? (run.device ?? null) : { name, since };
};

/** Said in a run that goes on elsewhere than it was, or than its settings say. */
export const deviceNotice = (asked: DeviceName, { name, since }: ChosenDevice): string => {
  const { label } = knownDevices[name];
  if (since === 0) return `trained on ${label} and not on ${knownDevices[asked].label}, as was chosen`;
  return `went on from step ${since} on ${label}, another device than before: from there on its numbers differ by their rounding from those of a run that stayed`;
};
