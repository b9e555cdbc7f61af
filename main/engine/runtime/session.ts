import { InferenceSession, Tensor as OnnxTensor } from 'onnxruntime-node';
import type { Graph } from '../graph/graph.ts';
import { lower } from '../lower/lower.ts';
import { externalWeights } from './external-weights.ts';

/** A tensor in main memory, row-major. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | BigInt64Array;
}

export interface Session {
  /** Runs the graph once. Blocks this thread until it is done, whatever the promise suggests: that is how ONNX Runtime's binding works. */
  readonly run: (inputs: Readonly<Record<string, Tensor>>) => Promise<Record<string, Tensor>>;
  /** Frees what the session holds outside JavaScript's heap. */
  readonly release: () => Promise<void>;
}

export interface SessionOptions {
  /** Threads within an operator; null takes one per physical core. */
  readonly threads: number | null;
}

const toOnnx = ({ shape, data }: Tensor): OnnxTensor =>
  data instanceof Float32Array
    ? new OnnxTensor('float32', data, shape)
    : new OnnxTensor('int64', data, shape);

const fromOnnx = ({ dims, data }: OnnxTensor): Tensor => ({
  shape: dims,
  data: data as Float32Array | BigInt64Array,
});

/**
 * Compiles a graph for the CPU. Weights that stand in files are read in place from there. What is lowered is what runs: ONNX
 * Runtime's own passes bought no time here, and would fold casts of weights into copies and merge what is computed twice on purpose.
 * The arena stays: without it the C library's heap falls to pieces under aligned blocks of megabytes (docs/performance.md has the
 * numbers, also for the memory pattern and packed weights, which are off).
 */
export const createSession = async (graph: Graph, { threads }: SessionOptions): Promise<Session> => {
  const weights = externalWeights(graph);
  try {
    const session = await InferenceSession.create(lower(weights.graph), {
      executionProviders: ['cpu'],
      enableCpuMemArena: true,
      graphOptimizationLevel: 'disabled',
      enableMemPattern: false,
      logSeverityLevel: 3,
      ...(threads === null ? {} : { intraOpNumThreads: threads }),
      extra: {
        session: {
          disable_prepacking: '1',
          ...(weights.folder === undefined
            ? {}
            : { model_external_initializers_file_folder_path: weights.folder }),
        },
      },
    });
    return {
      run: async (inputs) => {
        const feeds = Object.fromEntries(
          Object.entries(inputs).map(([name, tensor]) => [name, toOnnx(tensor)]),
        );
        const outputs = await session.run(feeds);
        return Object.fromEntries(Object.entries(outputs).map(([name, tensor]) => [name, fromOnnx(tensor)]));
      },
      release: () => session.release(),
    };
  } finally {
    weights.dispose();
  }
};

/** The versions of ONNX Runtime in use, for `nora doctor`. */
export { env as onnxRuntimeEnvironment } from 'onnxruntime-node';
