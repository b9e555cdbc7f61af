import { createGraphBuilder } from '../graph/create-graph-builder.ts';
import type { DeviceName } from './device-names.ts';
import { createSession, type Feed, type Traffic } from './session.ts';

/** Brings vectors of one length to a device that holds them between runs, and back. */
export interface Placement {
  readonly place: (data: Float32Array) => Promise<Feed>;
  readonly fetch: (vector: Feed) => Promise<Float32Array>;
  readonly traffic: () => Traffic;
  readonly release: () => Promise<void>;
}

/** A copy through a graph of one node either way: reading a device's tensor directly ends the process in ONNX Runtime's binding. */
export const createPlacement = async (size: number, device: DeviceName): Promise<Placement> => {
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

/** Frees a vector that is not needed any more. */
export const dispose = (vector: Feed): void => {
  if ('resident' in vector) vector.dispose();
};
