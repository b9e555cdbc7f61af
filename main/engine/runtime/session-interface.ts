import type { Tensor as OnnxTensor } from 'onnxruntime-node';
import type { Graph } from '../graph/graph.ts';
import type { LoweredModel } from '../lower/lower.ts';
import type { Tensor } from '../tensor.ts';
import type { DeviceName } from './device-names.ts';
import type { Device } from './devices.ts';

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
  /** What it computes, as it was lowered. */
  readonly graph: Graph;
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
  /** Bytes that values and what kernels work in have taken at most at a time; only sessions of the addon's tell. */
  readonly mostInUse?: () => number;
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

/** A lowered graph, and what a session of it is opened with. */
export interface ToOpen {
  readonly graph: Graph;
  readonly lowered: LoweredModel;
  readonly device: Device;
  /** ONNX Runtime's configuration of the session, key by key. */
  readonly configuration: Readonly<Record<string, string>>;
  readonly options: SessionOptions;
}
