import './no-telemetry.ts';
import { InferenceSession, Tensor as OnnxTensor } from 'onnxruntime-node';
import { extentOf, resolveShape } from '../graph/dimension.ts';
import type { Graph } from '../graph/graph.ts';
import { extentsOf } from '../graph/input-extents.ts';
import type { LoweredModel } from '../lower/lower.ts';
import type { Tensor } from '../tensor.ts';
import type { Device } from './devices.ts';
import type { Feed, ResidentTensor, Session, ToOpen } from './session-interface.ts';

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

/** Opens a session with onnxruntime-node, on any device. */
export const openWithPackage = async ({
  graph,
  lowered,
  device,
  configuration,
  options: { threads, residentOutputs = [], profile, arena = true },
}: ToOpen): Promise<Session> => {
  const staying = new Set(device.resident ? residentOutputs : []);
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
    extra: { session: configuration },
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
    graph,
    run: async (inputs, into) => (await runResident(inputs, into)).read,
    runResident,
    traffic: () => ({ toDevice, fromDevice }),
    release: async () => {
      if (profile !== undefined) session.endProfiling();
      await session.release();
    },
  };
};
