import { fusedTarget } from '../lower/fused/index.ts';
import { withExactBytes } from '../lower/cpu/exact-bytes.ts';
import { lowerFor } from '../lower/lower.ts';
import type { Graph } from '../graph/graph.ts';
import { byteProductsSaturate } from './byte-products.ts';
import { devices } from './devices.ts';
import { externalWeights } from './external-weights.ts';
import { giveBackUnused } from './give-back.ts';
import { nativeRuntime } from './native-runtime.ts';
import { openNatively } from './native-session.ts';
import { openWithPackage } from './package-session.ts';
import type { Session, SessionOptions, Traffic } from './session-interface.ts';

export type { Feed, ResidentTensor, Session, SessionOptions, Traffic } from './session-interface.ts';

export const addTraffic = (a: Traffic, b: Traffic): Traffic => ({
  toDevice: a.toDevice + b.toDevice,
  fromDevice: a.fromDevice + b.fromDevice,
});

/** Nodes of a graph that leaves much behind: a whole model, and no part of an adapter. */
const large = 500;

/**
 * Compiles a graph for a device. On the CPU, weights that stand in files are read in place from there, and where the addon has opened ONNX
 * Runtime, the session is its own: it has fused operators, and writes outputs where it is told to. What is lowered is what runs:
 * ONNX Runtime's own passes bought no time here, and would fold casts of weights into copies and merge what is computed twice on
 * purpose. The arena stays: without it the C library's heap falls to pieces under aligned blocks of megabytes (docs/performance.md
 * has the numbers, also for the memory pattern and packed weights, which are off).
 */
export const createSession = async (graph: Graph, options: SessionOptions): Promise<Session> => {
  const device = devices[options.device ?? 'cpu'];
  const native = device.name === 'cpu' ? nativeRuntime() : undefined;
  const target = native ? fusedTarget : device.lowering;
  const inBytes = graph.nodes.some(
    ({ operator }) => operator === 'quantizedMatmul' || operator === 'quantizedProducts',
  );
  // The addon's own products of bytes are exact everywhere.
  const exactBytes = !native && inBytes && (await byteProductsSaturate());
  const weights = externalWeights(graph);
  try {
    const toOpen = {
      graph,
      lowered: lowerFor(weights.graph, exactBytes ? withExactBytes(target) : target),
      device,
      options,
      configuration: {
        ...device.configuration,
        ...(options.packedWeights ? { disable_prepacking: '0' } : {}),
        ...(weights.folder === undefined
          ? {}
          : { model_external_initializers_file_folder_path: weights.folder }),
      },
    };
    return native ? openNatively(native, toOpen) : await openWithPackage(toOpen);
  } finally {
    weights.dispose();
    if (graph.nodes.length >= large) giveBackUnused();
  }
};

/** The versions of ONNX Runtime in use, for `nora doctor`. */
export { env as onnxRuntimeEnvironment } from 'onnxruntime-node';
