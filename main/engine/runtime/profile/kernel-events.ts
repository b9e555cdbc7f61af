import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { isObject } from '../../json-value.ts';
import { kernelBytes, type TensorShape } from './kernel-bytes.ts';

/** A node of the lowered graph as it ran once. */
export interface KernelRun {
  /** Of the lowered node, as lowering has named it. */
  readonly node: string;
  /** ONNX's operator. */
  readonly kernel: string;
  readonly microseconds: number;
  /** That it has to move at least: inputs and outputs, each once. */
  readonly bytes: number;
  /** Of its inputs that are constants, as ONNX Runtime has them: weights that a kernel has laid out in a copy of its own are not among them, and not in `bytes`. */
  readonly constantBytes: number;
}

/** A run of a session, whole. */
export interface SessionRun {
  readonly microseconds: number;
  readonly kernels: readonly KernelRun[];
}

const ending = '_kernel_time';

/** What holds nodes of its own (lower/nested.ts): they are listed too, so its time is theirs. */
const holder = 'If';

interface Event {
  readonly name: string;
  readonly duration: number;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** One event a line, between brackets. */
const readEvent = (line: string): Event | undefined => {
  const text = line.trim().replace(/,$/, '');
  if (!text.startsWith('{')) return undefined;
  const { name, dur, args } = JSON.parse(text) as Record<string, unknown>;
  return { name: String(name), duration: Number(dur), arguments: isObject(args) ? args : {} };
};

const shapesOf = (given: unknown): TensorShape[] =>
  (Array.isArray(given) ? (given as Readonly<Record<string, readonly number[]>>[]) : []).flatMap((one) =>
    Object.entries(one).map(([dataType, shape]) => ({ dataType, shape })),
  );

const kernelRun = ({ name, duration, arguments: given }: Event): KernelRun => {
  const kernel = String(given['op_name']);
  const [inputs, outputs] = [given['input_type_shape'], given['output_type_shape']].map(shapesOf);
  return {
    node: name.slice(0, -ending.length),
    kernel,
    microseconds: duration,
    bytes: kernelBytes(kernel, inputs!, outputs!),
    constantBytes: Number(given['parameter_size'] ?? 0),
  };
};

/** The runs in a profile that ONNX Runtime wrote (the form of Chrome's traces), in their order, one in memory at a time. */
export async function* readSessionRuns(file: string): AsyncGenerator<SessionRun> {
  let kernels: KernelRun[] = [];
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    const event = readEvent(line);
    if (event?.name.endsWith(ending) && event.arguments['op_name'] !== holder) kernels.push(kernelRun(event));
    if (event?.name !== 'model_run') continue;
    yield { microseconds: event.duration, kernels };
    kernels = [];
  }
}
