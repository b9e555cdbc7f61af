import { describe, expect, it } from 'vitest';
import { pickle } from '../../../main/engine/formats/torch/pickle.ts';
import { torchFile } from '../../../main/engine/formats/torch/torch-file.ts';
import { zipOf } from '../../../main/engine/formats/torch/zip.ts';

const tensor = { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) };

describe('a pickle', () => {
  // pickle.dumps({'r': 2, 'long': 70000, 'params': ['q', 'v']}, protocol=2), without what it remembers for later.
  it('is of protocol 2, opcode by opcode', () => {
    const { bytes } = pickle({ r: 2, long: 70_000, params: ['q', 'v'] });
    expect(bytes.toString('latin1')).toBe(
      '\x80\x02}(' +
        ('X\x01\0\0\0r' + 'K\x02') +
        ('X\x04\0\0\0long' + 'J\x70\x11\x01\0') +
        ('X\x06\0\0\0params' + '](' + 'X\x01\0\0\0q' + 'X\x01\0\0\0v' + 'e') +
        'u.',
    );
  });

  it('has a tensor as torch rebuilds it: its storage by number, place, sizes and strides', () => {
    const { bytes, tensors } = pickle({ a: tensor });
    expect(bytes.toString('latin1')).toBe(
      '\x80\x02}(X\x01\0\0\0a' +
        'ctorch._utils\n_rebuild_tensor_v2\n(' +
        '(X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\x000X\x03\0\0\0cpuK\x06tQ' +
        'K\x00(K\x02K\x03t(K\x03K\x01t\x89ccollections\nOrderedDict\n)RtR' +
        'u.',
    );
    expect(tensors).toEqual([tensor]);
  });

  it('takes whole numbers of 32 bits alone', () => {
    expect(() => pickle({ alpha: 1.5 })).toThrow('1.5 is not a whole number');
  });
});

/** What another reader of zip finds, by the directory at the end. */
const entriesOf = (bytes: Buffer): Map<string, Buffer> => {
  const end = bytes.lastIndexOf(Buffer.from('PK\x05\x06'));
  let at = bytes.readUInt32LE(end + 16);
  return new Map(
    Array.from({ length: bytes.readUInt16LE(end + 10) }, () => {
      expect(bytes.readUInt32LE(at)).toBe(0x02014b50);
      const [size, nameLength] = [bytes.readUInt32LE(at + 24), bytes.readUInt16LE(at + 28)];
      const local = bytes.readUInt32LE(at + 42);
      const name = bytes.toString('ascii', at + 46, at + 46 + nameLength);
      const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
      expect(bytes.readUInt16LE(at + 10)).toBe(0);
      expect(bytes.toString('ascii', local + 30, local + 30 + nameLength)).toBe(name);
      at += 46 + nameLength;
      return [name, bytes.subarray(start, start + size)] as const;
    }),
  );
};

describe('a file of torch', () => {
  it('has the parts that torch.load looks for, each number where it says', () => {
    const { bytes, places } = torchFile('weights', {
      a: tensor,
      b: { shape: [1], data: Float32Array.of(7) },
    });
    const entries = entriesOf(bytes);
    expect([...entries.keys()]).toEqual([
      ...['weights/data.pkl', 'weights/byteorder', 'weights/data/0', 'weights/data/1', 'weights/version'],
    ]);
    expect(entries.get('weights/version')!.toString()).toBe('3\n');
    expect(entries.get('weights/byteorder')!.toString()).toBe('little');
    const { offset } = places.get(tensor)!;
    expect(bytes.subarray(offset, offset + 24).equals(entries.get('weights/data/0')!)).toBe(true);
    expect(offset % 64).toBe(0);
    expect(entries.get('weights/data/0')!.readFloatLE(20)).toBe(6);
  });

  it('is the same for the same value', () => {
    expect(torchFile('w', { a: tensor }).bytes.equals(torchFile('w', { a: tensor }).bytes)).toBe(true);
  });
});

it('a zip names the sum of each entry as others compute it', () => {
  const { bytes } = zipOf([{ name: 'a', data: Buffer.from('123456789') }]);
  expect(bytes.readUInt32LE(14)).toBe(0xcbf43926); // the check value of CRC-32
});
