import { InferenceSession, Tensor as OnnxTensor } from 'onnxruntime-node';
import type { Graph } from '../graph/graph.ts';
import { lower } from '../lower/lower.ts';
import { byteProductsSaturate } from './byte-products.ts';
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
 * Compiles a graph for the CPU. Weights that stand in files are read in place from there.
 * What would make the peak larger and no step faster stays off (a step of a 135M-parameter model, 4 x 256 tokens, every token
 * labelled: 5.3 GB with the memory pattern and packed weights, 3.9 GB without the pattern, 3.3 GB without either; the arena alone
 * once made it 2.7 times as large).
 */
export const createSession = async (graph: Graph, { threads }: SessionOptions): Promise<Session> => {
  const inBytes = graph.nodes.some(({ operator }) => operator === 'quantizedMatmul');
  const exactBytes = inBytes && (await byteProductsSaturate());
  const weights = externalWeights(graph);
  try {
    const session = await InferenceSession.create(lower(weights.graph), {
      executionProviders: ['cpu'],
      enableCpuMemArena: false,
      enableMemPattern: false,
      logSeverityLevel: 3,
      ...(threads === null ? {} : { intraOpNumThreads: threads }),
      extra: {
        session: {
          disable_prepacking: '1',
          // Slower kernels that do not saturate.
          ...(exactBytes ? { x64quantprecision: '1' } : {}),
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
