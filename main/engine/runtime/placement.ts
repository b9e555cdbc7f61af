import { createGraphBuilder } from '../graph/builder.ts';
import type { DeviceName } from './device-names.ts';
import { devices } from './devices.ts';
import { createSession, type Feed, type Traffic } from './session.ts';

/** Where vectors of one length live between runs: on the device where it can hold them, in main memory elsewhere. */
export interface Placement {
  /** The array belongs to the placement from then on. */
  readonly place: (data: Float32Array) => Promise<Feed>;
  readonly fetch: (vector: Feed) => Promise<Float32Array>;
  readonly traffic: () => Traffic;
  readonly release: () => Promise<void>;
}

const inMainMemory: Placement = {
  place: async (data) => ({ shape: [data.length], data }),
  fetch: async (vector) => {
    if ('resident' in vector) throw new Error('this vector is on a device');
    // A copy: what stays here is changed in place.
    return (vector.data as Float32Array).slice();
  },
  traffic: () => ({ toDevice: 0, fromDevice: 0 }),
  release: async () => undefined,
};

/** A copy through a graph of one node either way: reading a device's tensor directly ends the process in ONNX Runtime's binding. */
const onDevice = async (size: number, device: DeviceName): Promise<Placement> => {
  const g = createGraphBuilder();
  const copy = g.build({ copy: g.reshape(g.input('vector', 'float32', [size]), [size]) });
  const upload = await createSession(copy, { threads: 1, device, residentOutputs: ['copy'] });
  const download = await createSession(copy, { threads: 1, device });
  return {
    place: async (data) => {
      const { resident } = await upload.runResident({ vector: { shape: [size], data } });
      return resident['copy'] as Feed;
    },
    fetch: async (vector) => (await download.run({ vector }))['copy']!.data as Float32Array,
    traffic: () => ({
      toDevice: upload.traffic().toDevice,
      fromDevice: download.traffic().fromDevice,
    }),
    release: async () => {
      await upload.release();
      await download.release();
    },
  };
};

export const createPlacement = async (size: number, device: DeviceName): Promise<Placement> =>
  devices[device].resident ? onDevice(size, device) : inMainMemory;

/** Frees a vector that is not needed any more. */
export const dispose = (vector: Feed): void => {
  if ('resident' in vector) vector.dispose();
};
