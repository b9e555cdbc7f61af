import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import {
  readSafetensorsHeader,
  readTensorFloat32,
  readTensorRaw,
  writeSafetensors,
} from '../../../main/engine/formats/safetensors.ts';
import type { TensorToWrite } from '../../../main/engine/formats/safetensors.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const root = temporaryDirectory();
const official = fileURLToPath(new URL('fixtures/official.safetensors', import.meta.url));

describe('a file of the official writer', () => {
  const header = readSafetensorsHeader(official);

  test('reads', () => {
    expect(header.metadata).toEqual({ format: 'pt' });
    expect(
      Object.fromEntries(
        [...header.tensors].map(([name, { dtype, shape }]) => [name, `${dtype} ${shape.join('x')}`]),
      ),
    ).toEqual({
      größe: 'F64 ',
      ids: 'I64 3',
      'b.weight': 'F32 2x3',
      empty: 'F32 0x4',
      'c.weight': 'BF16 3',
      'a.weight': 'F16 2x2',
      flags: 'BOOL 3',
    });
    expect([...readTensorFloat32(header, 'b.weight')]).toEqual([0, 0.25, 0.5, 0.75, 1, 1.25]);
    expect([...readTensorFloat32(header, 'a.weight')]).toEqual([1.5, -2.25, 0.0999755859375, 65504]);
    expect([...readTensorFloat32(header, 'c.weight')]).toEqual([1, 0.10009765625, -3.00405527047391e38]);
    expect([...readTensorFloat32(header, 'größe')]).toEqual([2.5]);
    expect(readTensorFloat32(header, 'empty')).toHaveLength(0);
    expect([...new BigInt64Array(readTensorRaw(header, 'ids').buffer as ArrayBuffer)]).toEqual([
      1n,
      -2n,
      2n ** 40n,
    ]);
    expect([...readTensorRaw(header, 'flags')]).toEqual([1, 0, 1]);
  });

  test('written again it has the same bytes', () => {
    const path = join(root, 'again.safetensors');
    const tensors = [...header.tensors.values()].map(({ name, dtype, shape }) => ({
      name,
      dtype,
      shape,
      data: readTensorRaw(header, name),
    }));
    writeSafetensors(path, tensors, header.metadata);
    expect(readFileSync(path).equals(readFileSync(official))).toBe(true);
  });

  test('what is not there or not floating-point is named', () => {
    expect(() => readTensorFloat32(header, 'x')).toThrow(`${official}: holds no tensor x`);
    expect(() => readTensorFloat32(header, 'ids')).toThrow(
      `${official}: tensor ids holds I64; numbers are read from F32, F16, BF16 and F64`,
    );
  });
});

describe('writing', () => {
  const values = Float32Array.from(
    { length: 700_001 },
    (_, index) => Math.sin(index) * 10 ** ((index % 9) - 4),
  );

  test.each(['F32', 'F16', 'BF16', 'F64'] as const)(
    '%s comes back rounded once, over several chunks',
    (dtype) => {
      const path = join(root, `${dtype}.safetensors`);
      writeSafetensors(path, [
        { name: 'one', dtype: 'U8', shape: [1], data: Uint8Array.of(7) },
        { name: 'values', dtype, shape: [values.length], data: values },
      ]);
      const read = readTensorFloat32(readSafetensorsHeader(path), 'values');
      const tolerance = { F32: 0, F64: 0, F16: 2 ** -11, BF16: 2 ** -8 }[dtype];
      const smallest = dtype === 'F16' ? 2 ** -25 : 0;
      const worst = values.reduce(
        (most, value, index) => Math.max(most, Math.abs(read[index]! - value) - Math.abs(value) * tolerance),
        0,
      );
      expect(worst).toBeLessThanOrEqual(smallest);
      const again = join(root, `${dtype}-again.safetensors`);
      writeSafetensors(again, [
        { name: 'one', dtype: 'U8', shape: [1], data: Uint8Array.of(7) },
        { name: 'values', dtype, shape: [values.length], data: () => read },
      ]);
      expect(readFileSync(again).equals(readFileSync(path))).toBe(true);
    },
  );

  test('the header is compact, in the order given, padded to 8 bytes; integer-like names keep their place', () => {
    const path = join(root, 'order.safetensors');
    const scalar = (name: string, value: number): TensorToWrite => ({
      name,
      dtype: 'F32',
      shape: [],
      data: Float32Array.of(value),
    });
    writeSafetensors(path, [scalar('b', 1), scalar('10', 2), scalar('"a"', 3)], { format: 'pt' });
    const bytes = readFileSync(path);
    const length = Number(bytes.readBigUInt64LE(0));
    expect(length % 8).toBe(0);
    expect(bytes.toString('utf8', 8, 8 + length).trimEnd()).toBe(
      '{"__metadata__":{"format":"pt"},"b":{"dtype":"F32","shape":[],"data_offsets":[0,4]},' +
        '"10":{"dtype":"F32","shape":[],"data_offsets":[4,8]},"\\"a\\"":{"dtype":"F32","shape":[],"data_offsets":[8,12]}}',
    );
    expect([...readSafetensorsHeader(path).tensors.keys()]).toEqual(['b', '10', '"a"']);
  });

  test('no tensors at all', () => {
    const path = join(root, 'none.safetensors');
    writeSafetensors(path, []);
    expect(readSafetensorsHeader(path).tensors.size).toBe(0);
  });

  test('data that does not fit its shape, or a name twice, leaves nothing behind', () => {
    const wrong = { name: 'a', dtype: 'F16', shape: [3], data: Float32Array.of(1, 2) } as const;
    const before = readdirSync(root);
    const path = join(root, 'wrong.safetensors');
    expect(() => writeSafetensors(path, [wrong])).toThrow(
      'tensor a: F16 of shape [3] takes 6 bytes, its data has 4',
    );
    expect(() => writeSafetensors(path, [wrong, wrong])).toThrow('named a');
    expect(readdirSync(root)).toEqual(before);
  });
});

describe('damaged files are refused, naming file and tensor', () => {
  let files = 0;
  /** A file with this header text and so many bytes of data. */
  const fileWith = (header: unknown, dataBytes = 0, claimedLength?: bigint): string => {
    const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
    const bytes = Buffer.alloc(8 + json.length + dataBytes);
    bytes.writeBigUInt64LE(claimedLength ?? BigInt(json.length));
    json.copy(bytes, 8);
    const path = join(root, `damaged-${files++}.safetensors`);
    writeFileSync(path, bytes);
    return path;
  };
  const entry = (
    begin: number,
    end: number,
    shape: unknown = [(end - begin) / 4],
    dtype: unknown = 'F32',
  ): object => ({
    dtype,
    shape,
    data_offsets: [begin, end],
  });

  test.each<[string, unknown, number, bigint | undefined, string]>([
    ['a header longer than the file', {}, 0, 50n, 'truncated: the header takes 50 bytes, the file has 10'],
    [
      'an absurd header length',
      {},
      0,
      2n ** 63n,
      'not a safetensors file, or damaged: it claims a header of 9223372036854775808 bytes',
    ],
    [
      'a header over the limit',
      {},
      0,
      100_000_001n,
      'not a safetensors file, or damaged: it claims a header of 100000001 bytes',
    ],
    [
      'no JSON',
      '{"a"}',
      0,
      undefined,
      `header: not JSON (Expected ':' after property name in JSON at position 4 (line 1 column 5))`,
    ],
    ['an array', '[]', 0, undefined, 'header is not a JSON object'],
    ['an entry of another kind', { a: 1 }, 0, undefined, 'tensor a: its header entry is not an object'],
    ['no dtype', { a: { shape: [], data_offsets: [0, 4] } }, 4, undefined, 'tensor a: dtype is missing'],
    ['an unknown dtype', { a: entry(0, 4, [1], 'F4') }, 4, undefined, 'tensor a: unknown data type F4'],
    ['a bad shape', { a: entry(0, 4, [-1]) }, 4, undefined, 'tensor a: shape is not a list of whole numbers'],
    ['backward offsets', { a: entry(4, 0, [1]) }, 4, undefined, 'tensor a: data_offsets is not [begin, end]'],
    [
      'too few bytes',
      { a: entry(0, 4, [2]) },
      4,
      undefined,
      'tensor a: F32 of shape [2] takes 8 bytes, data_offsets give 4',
    ],
    [
      'an overlap',
      { a: entry(0, 8), b: entry(4, 12) },
      12,
      undefined,
      'tensor b: its bytes overlap those of another tensor',
    ],
    [
      'a hole',
      { a: entry(0, 4), b: entry(8, 12) },
      12,
      undefined,
      'tensor b: a hole of 4 bytes lies before it',
    ],
    ['missing data', { a: entry(0, 4), b: entry(4, 12) }, 6, undefined, 'truncated: tensor b ends at byte'],
    ['trailing bytes', { a: entry(0, 4) }, 7, undefined, '3 bytes at the end belong to no tensor'],
    [
      'metadata that is not text',
      { __metadata__: { a: 1 } },
      0,
      undefined,
      '__metadata__ must map names to texts',
    ],
    [
      'a tensor twice',
      '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}, "a" :{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
      4,
      undefined,
      'tensor a is there twice',
    ],
  ])('%s', (_, header, dataBytes, claimed, message) => {
    const path = fileWith(header, dataBytes, claimed);
    expect(() => readSafetensorsHeader(path)).toThrow(`${path}: ${message}`);
  });

  test('seven bytes, no file, a folder', () => {
    const path = join(root, 'short.safetensors');
    writeFileSync(path, 'seven b');
    expect(() => readSafetensorsHeader(path)).toThrow(
      `${path}: truncated: 7 bytes are too few for a safetensors file`,
    );
    expect(() => readSafetensorsHeader(join(root, 'x'))).toThrow(`${join(root, 'x')}: no such file`);
    expect(() => readSafetensorsHeader(root)).toThrow(`${root}: `);
  });

  test('every truncation of a good file', () => {
    const whole = readFileSync(official);
    const path = join(root, 'cut.safetensors');
    for (let length = 0; length < whole.length; length++) {
      writeFileSync(path, whole.subarray(0, length));
      expect(() => readSafetensorsHeader(path)).toThrow(`${path}: truncated`);
    }
  });

  test('a file that shrinks after its header was read', () => {
    const path = join(root, 'shrunk.safetensors');
    writeSafetensors(path, [{ name: 'a', dtype: 'F32', shape: [4], data: new Float32Array(4) }]);
    const header = readSafetensorsHeader(path);
    truncateSync(path, header.tensors.get('a')!.offset + 8);
    expect(() => readTensorFloat32(header, 'a')).toThrow(
      /: truncated: it ended at byte \d+ while being read/,
    );
  });
});
