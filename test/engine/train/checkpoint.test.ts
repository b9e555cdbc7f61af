import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import {
  checkCheckpoint,
  readCheckpoint,
  readCheckpointParameters,
  writeCheckpoint,
} from '../../../main/engine/train/checkpoint.ts';
import { checkpointOf } from '../../support/checkpoint.ts';

const root = mkdtempSync(join(tmpdir(), 'nora-checkpoint-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const directory = join(root, 'step-3');
const state = join(directory, 'state.safetensors');

beforeEach(async () => {
  rmSync(directory, { recursive: true, force: true });
  await writeCheckpoint(directory, checkpointOf(3));
});

const flip = (file: string, place: number): void => {
  const bytes = readFileSync(file);
  bytes[place]! ^= 1;
  writeFileSync(file, bytes);
};

/** As the last version left it that wrote no sums. */
const unseal = (): void => {
  rmSync(join(directory, 'sums.json'));
  const file = join(directory, 'checkpoint.json');
  const { startSeal: _, ...known } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  writeFileSync(file, JSON.stringify({ ...known, formatVersion: 1 }));
};

describe('a checkpoint', () => {
  it('is read back as it was written', async () => {
    expect(readCheckpoint(directory, 4)).toEqual(checkpointOf(3));
    expect(await checkCheckpoint(directory)).toBe('whole');
  });

  it('is never written twice', async () => {
    await expect(writeCheckpoint(directory, checkpointOf(3))).rejects.toMatchObject({ code: 'conflict' });
    expect(readCheckpoint(directory, 4)).toEqual(checkpointOf(3));
  });

  it.each(['state.safetensors', 'checkpoint.json', 'sums.json'])(
    'with a flipped bit in %s is not gone on from',
    async (name) => {
      const file = join(directory, name);
      flip(file, readFileSync(file).length - 3);
      expect(() => readCheckpoint(directory, 4)).toThrow(file);
      expect(() => readCheckpointParameters(directory, 4)).toThrow(file);
      await expect(checkCheckpoint(directory)).rejects.toThrow(file);
    },
  );

  it('of an older version is read without sums; what is cut off is noticed all the same', async () => {
    unseal();
    expect(await checkCheckpoint(directory)).toBe('without-sums');
    expect(readCheckpoint(directory, 4)).toEqual(checkpointOf(3));
    truncateSync(state, readFileSync(state).length - 4);
    await expect(checkCheckpoint(directory)).rejects.toThrow(state);
  });

  it('that had sums is not read without them', async () => {
    rmSync(join(directory, 'sums.json'));
    const gone = `${join(directory, 'sums.json')}: is damaged: it is gone`;
    await expect(checkCheckpoint(directory)).rejects.toThrow(gone);
    expect(() => readCheckpoint(directory, 4)).toThrow(gone);
  });
});
