/*
 * What torch.save pickles of text, whole numbers, lists, dictionaries and float32 tensors, by protocol 2. Written only: a pickle that is
 * read can run programs, so none is. The opcodes are those that torch.load takes with weights_only, its default.
 */

export interface TorchTensor {
  readonly shape: readonly number[];
  /** Row-major. */
  readonly data: Float32Array;
}

export type TorchValue =
  string | number | TorchTensor | readonly TorchValue[] | { readonly [key: string]: TorchValue };

export interface Pickle {
  readonly bytes: Buffer;
  /** In the order of their storages' numbers. */
  readonly tensors: readonly TorchTensor[];
}

const [proto, stop] = [Buffer.of(0x80, 2), Buffer.from('.')];
const [emptyDictionary, emptyList, emptyTuple] = ['}', ']', ')'].map((one) => Buffer.from(one)) as [
  Buffer,
  Buffer,
  Buffer,
];
const [mark, setItems, appends, tuple] = ['(', 'u', 'e', 't'].map((one) => Buffer.from(one)) as [
  Buffer,
  Buffer,
  Buffer,
  Buffer,
];
const [reduce, persistent, no] = [Buffer.from('R'), Buffer.from('Q'), Buffer.of(0x89)];

const named = (module: string, name: string): Buffer => Buffer.from(`c${module}\n${name}\n`, 'ascii');

const text = (value: string): Buffer => {
  const bytes = Buffer.from(value, 'utf8');
  const head = Buffer.alloc(5);
  head.write('X', 'ascii');
  head.writeUInt32LE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
};

const whole = (value: number): Buffer => {
  if (!Number.isInteger(value) || Math.abs(value) > 0x7fffffff)
    throw new Error(`${value} is not a whole number of 32 bits`);
  if (value >= 0 && value < 256) return Buffer.of(0x4b, value);
  const bytes = Buffer.alloc(5);
  bytes.write('J', 'ascii');
  bytes.writeInt32LE(value, 1);
  return bytes;
};

const tupleOf = (values: readonly number[]): Buffer => Buffer.concat([mark, ...values.map(whole), tuple]);

/** Numbers between neighbours along each axis. */
const stridesOf = (shape: readonly number[]): number[] =>
  shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));

const tensor = ({ shape, data }: TorchTensor, key: number): Buffer =>
  Buffer.concat([
    named('torch._utils', '_rebuild_tensor_v2'),
    mark,
    ...[
      mark,
      text('storage'),
      named('torch', 'FloatStorage'),
      text(String(key)),
      text('cpu'),
      whole(data.length),
    ],
    ...[tuple, persistent],
    ...[whole(0), tupleOf(shape), tupleOf(stridesOf(shape)), no],
    ...[named('collections', 'OrderedDict'), emptyTuple, reduce],
    tuple,
    reduce,
  ]);

const isTensor = (value: object): value is TorchTensor =>
  'data' in value && value.data instanceof Float32Array;

/** The value, with each tensor's storage under a number of its own. */
export const pickle = (value: TorchValue): Pickle => {
  const tensors: TorchTensor[] = [];
  const write = (one: TorchValue): Buffer => {
    if (typeof one === 'string') return text(one);
    if (typeof one === 'number') return whole(one);
    if (Array.isArray(one)) {
      const items = one as readonly TorchValue[];
      return Buffer.concat([emptyList, mark, ...items.map(write), appends]);
    }
    if (isTensor(one)) return tensor(one, tensors.push(one) - 1);
    const entries = Object.entries(one as { readonly [key: string]: TorchValue });
    return Buffer.concat([
      ...[emptyDictionary, mark],
      ...entries.flatMap(([key, of]) => [text(key), write(of)]),
      setItems,
    ]);
  };
  const bytes = Buffer.concat([proto, write(value), stop]);
  return { bytes, tensors };
};
