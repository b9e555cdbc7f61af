import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { crc32c, maskedCrc32c } from '../../../main/services/trackers/tensorboard/crc32c.ts';
import { eventFile, recordOf } from '../../../main/services/trackers/tensorboard/event-file.ts';
import { aRun } from './mlflow-scenario.ts';

it('has the checksums of RFC 3720', () => {
  const ascending = Uint8Array.from({ length: 32 }, (_, at) => at);
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
  expect(crc32c(ascending)).toBe(0x46dd794e);
  // tensorflow/core/lib/hash/crc32c.h: Unmask(Mask(crc)) is the crc.
  const masked = maskedCrc32c(ascending);
  const turned = (masked - 0xa282ead8) >>> 0;
  expect(((turned >>> 17) | (turned << 15)) >>> 0).toBe(0x46dd794e);
});

it('frames a record with its length and both checksums', () => {
  const record = recordOf(Buffer.from('abc'));
  expect(record).toHaveLength(8 + 4 + 3 + 4);
  const view = new DataView(record.buffer);
  expect(view.getBigUint64(0, true)).toBe(3n);
  expect(view.getUint32(8, true)).toBe(maskedCrc32c(record.subarray(0, 8)));
  expect(view.getUint32(15, true)).toBe(maskedCrc32c(Buffer.from('abc')));
});

/** Read with tensorboard 2.21's own readers by read-tensorboard.py, which wrote down what it found and the file's hash. */
it('is, byte for byte, the file that TensorBoard read', () => {
  const read = JSON.parse(
    readFileSync(join(import.meta.dirname, 'fixtures/tensorboard-read.json'), 'utf8'),
  ) as {
    sha256: string;
    scalars: Record<string, [step: number, value: number | string, wallTime: number][]>;
    hparams: Record<string, string | number | boolean>;
    status: string;
  };
  const run = aRun();
  expect(createHash('sha256').update(eventFile(run)).digest('hex')).toBe(read.sha256);
  const expected = Object.groupBy(run.metrics, ({ name }) => name);
  for (const [name, points] of Object.entries(expected))
    expect(read.scalars[name]).toEqual(
      points!.map(({ step, value, time }) => [
        step,
        Number.isFinite(value) ? Math.fround(value) : String(value),
        time / 1000,
      ]),
    );
  expect(read.hparams).toEqual({
    'adapter.method': 'nora',
    'adapter.innerRank': 2,
    'adapter.targetModules': '[]',
    'training.learningRate': 0.001,
    'training.keepBest': false,
    'training.epochs': 'null',
  });
  expect(read.status).toBe('STATUS_SUCCESS');
});
