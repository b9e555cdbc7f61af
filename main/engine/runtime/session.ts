import './no-telemetry.ts';
import { InferenceSession, Tensor as OnnxTensor } from 'onnxruntime-node';
import { extentOf, resolveShape } from '../graph/dimension.ts';
import type { Graph } from '../graph/graph.ts';
import { extentsOf } from '../graph/input-extents.ts';
import type { Tensor } from '../tensor.ts';
import { lowerFor, type LoweredModel } from '../lower/lower.ts';
import { withExactBytes } from '../lower/cpu/exact-bytes.ts';
import { byteProductsSaturate } from './byte-products.ts';
import type { DeviceName } from './device-names.ts';
import { devices, type Device } from './devices.ts';
import { externalWeights } from './external-weights.ts';

/** A tensor that stays on a device; only a session on the same device can take it. */
export interface ResidentTensor {
  readonly shape: readonly number[];
  readonly resident: OnnxTensor;
  readonly dispose: () => void;
}

export type Feed = Tensor | ResidentTensor;

/** Bytes between main memory and the session so far. On the CPU nothing is copied, but the sizes are the same. */
export interface Traffic {
  readonly toDevice: number;
  readonly fromDevice: number;
}

export interface Session {
  /** Runs the graph once; outputs named in `into` are written there. Blocks this thread until it is done, whatever the promise suggests: that is how ONNX Runtime's binding works. */
  readonly run: (
    inputs: Readonly<Record<string, Feed>>,
    into?: Readonly<Record<string, Tensor>>,
  ) => Promise<Record<string, Tensor>>;
  /** The same, for a session with outputs that stay on the device: those come as they are, the others are read. */
  readonly runResident: (
    inputs: Readonly<Record<string, Feed>>,
    into?: Readonly<Record<string, Tensor>>,
  ) => Promise<{ read: Record<string, Tensor>; resident: Record<string, ResidentTensor> }>;
  readonly traffic: () => Traffic;
  /** Frees what the session holds outside JavaScript's heap. */
  readonly release: () => Promise<void>;
}

export interface SessionOptions {
  /** Threads within an operator; null takes one per physical core. */
  readonly threads: number | null;
  /** Default 'cpu'. */
  readonly device?: DeviceName;
  /** Outputs that stay on the device; only where the device can hold them. */
  readonly residentOutputs?: readonly string[];
  /** Keeps freed memory for the next run (default). Small graphs do without: an arena grows by doubling, and never gives back. */
  readonly arena?: boolean;
  /** Lets kernels lay out weights as they read them fastest, in a copy of their own: off unless asked for. CPU only. */
  readonly packedWeights?: boolean;
  /** Writes ONNX Runtime's profile to files of this prefix when the session is released. */
  readonly profile?: string;
}

const toOnnx = ({ shape, data }: Tensor, { lowering }: Device): OnnxTensor => {
  if (data instanceof Float32Array) return new OnnxTensor('float32', data, shape);
  return lowering.indices === 'int64'
    ? new OnnxTensor('int64', data, shape)
    : new OnnxTensor('int32', Int32Array.from(data, Number), shape);
};

const fromOnnx = ({ dims, data }: OnnxTensor): Tensor => ({
  shape: dims,
  data:
    data instanceof Int32Array ? BigInt64Array.from(data, BigInt) : (data as Float32Array | BigInt64Array),
});

/** ONNX Runtime's binding copies every output, also what it has written where it was told to. Collected later, copies pile up. */
const discard = ({ data }: OnnxTensor): void =>
  void ((data as Float32Array).buffer as ArrayBuffer).transfer(0);

export const addTraffic = (a: Traffic, b: Traffic): Traffic => ({
  toDevice: a.toDevice + b.toDevice,
  fromDevice: a.fromDevice + b.fromDevice,
});

const bytesOf = ({ data }: OnnxTensor): number => (data as Float32Array).byteLength;

/** What the lowered graph takes beside the graph's inputs, worked out from the inputs of this run. */
const fedInputs = (
  graph: Graph,
  { fedShapes, fedClasses }: LoweredModel,
  inputs: Readonly<Record<string, Feed>>,
  device: Device,
): Record<string, OnnxTensor> => {
  const extents = extentsOf(graph.inputs, (name) => inputs[name]?.shape);
  const shapes = fedShapes.map(({ name, shape }): [string, OnnxTensor] => {
    const numbers = BigInt64Array.from(resolveShape(shape, extents), BigInt);
    return [name, new OnnxTensor('int64', numbers, [numbers.length])];
  });
  const rows = fedClasses.map(({ name, count }): [string, OnnxTensor] => {
    const length = extentOf(count, extents);
    const data = BigInt64Array.from({ length }, (_, at) => BigInt(at));
    return [name, toOnnx({ shape: [1, length], data }, device)];
  });
  return Object.fromEntries([...shapes, ...rows]);
};

/**
 * Compiles a graph for a device. On the CPU, weights that stand in files are read in place from there. What is lowered is what runs:
 * ONNX Runtime's own passes bought no time here, and would fold casts of weights into copies and merge what is computed twice on
 * purpose. The arena stays: without it the C library's heap falls to pieces under aligned blocks of megabytes (docs/performance.md
 * has the numbers, also for the memory pattern and packed weights, which are off).
 */
export const createSession = async (
  graph: Graph,
  {
    threads,
    device: deviceName = 'cpu',
    residentOutputs = [],
    profile,
    arena = true,
    packedWeights = false,
  }: SessionOptions,
): Promise<Session> => {
  const device = devices[deviceName];
  const staying = new Set(device.resident ? residentOutputs : []);
  const inBytes = graph.nodes.some(({ operator }) => operator === 'quantizedMatmul');
  const exactBytes = inBytes && (await byteProductsSaturate());
  const weights = externalWeights(graph);
  try {
    const target = exactBytes ? withExactBytes(device.lowering) : device.lowering;
    const lowered = lowerFor(weights.graph, target);
    const session = await InferenceSession.create(lowered.bytes, {
      executionProviders: [device.provider],
      enableCpuMemArena: arena,
      graphOptimizationLevel: 'disabled',
      enableMemPattern: false,
      logSeverityLevel: 3,
      ...(threads === null ? {} : { intraOpNumThreads: threads }),
      ...(profile === undefined ? {} : { enableProfiling: true, profileFilePrefix: profile }),
      ...(staying.size === 0
        ? {}
        : {
            preferredOutputLocation: Object.fromEntries(
              graph.outputs.map(({ name }) => [name, staying.has(name) ? 'gpu-buffer' : 'cpu']),
            ),
          }),
      extra: {
        session: {
          ...device.configuration,
          ...(packedWeights ? { disable_prepacking: '0' } : {}),
          ...(weights.folder === undefined
            ? {}
            : { model_external_initializers_file_folder_path: weights.folder }),
        },
      },
    });
    let [toDevice, fromDevice] = [0, 0];

    const runResident: Session['runResident'] = async (inputs, into = {}) => {
      const feeds: Record<string, OnnxTensor> = fedInputs(graph, lowered, inputs, device);
      for (const [name, tensor] of Object.entries(inputs))
        feeds[name] = 'resident' in tensor ? tensor.resident : toOnnx(tensor, device);
      for (const tensor of Object.values(feeds)) if (tensor.location === 'cpu') toDevice += bytesOf(tensor);
      const fetches = Object.fromEntries(
        graph.outputs.map(({ name }) => [name, into[name] ? toOnnx(into[name], device) : null]),
      );
      const outputs = await session.run(feeds, fetches);
      const read: Record<string, Tensor> = {};
      const resident: Record<string, ResidentTensor> = {};
      for (const [name, tensor] of Object.entries(outputs)) {
        if (tensor.location !== 'cpu') {
          resident[name] = { shape: tensor.dims, resident: tensor, dispose: () => tensor.dispose() };
          continue;
        }
        fromDevice += bytesOf(tensor);
        read[name] = into[name] ?? fromOnnx(tensor);
        if (into[name]) discard(tensor);
      }
      return { read, resident };
    };

    return {
      run: async (inputs, into) => (await runResident(inputs, into)).read,
      runResident,
      traffic: () => ({ toDevice, fromDevice }),
      release: async () => {
        if (profile !== undefined) session.endProfiling();
        await session.release();
      },
    };
  } finally {
    weights.dispose();
  }
};

/** The versions of ONNX Runtime in use, for `nora doctor`. */
export { env as onnxRuntimeEnvironment } from 'onnxruntime-node';
