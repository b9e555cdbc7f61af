import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  checkSealed,
  checkSealedInTurns,
  sealOf,
  writeSealedFolder,
} from '../../../main/engine/formats/sealed-folder.ts';

const root = mkdtempSync(join(tmpdir(), 'nora-sealed-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const data = Float32Array.from({ length: 40 }, (_, index) => index / 7);
const write = async (name: string, text = '{"step":3}\n'): Promise<string> => {
  const path = join(root, name);
  await writeSealedFolder(path, ({ text: writeText, tensors }) => {
    tensors('state.safetensors', [{ name: 'a', dtype: 'F32', shape: [40], data }]);
    writeText('progress.json', text);
  });
  return path;
};

describe('a sealed folder', () => {
  it('has a sum of each file, and one of all that is the same for the same content', async () => {
    const [one, two, other] = [await write('one'), await write('two'), await write('other', '{}\n')];
    expect(readdirSync(one).toSorted()).toEqual(['progress.json', 'state.safetensors', 'sums.json']);
    expect(checkSealed(one)).toBe(true);
    expect(await checkSealedInTurns(one)).toBe(true);
    expect(sealOf(one)).toMatch(/^[0-9a-f]{64}$/);
    expect(sealOf(two)).toBe(sealOf(one));
    expect(sealOf(other)).not.toBe(sealOf(one));
  });

  it('notices a flip of any byte', { timeout: 60_000 }, async () => {
    const path = await write('flipped');
    for (const name of readdirSync(path)) {
      const file = join(path, name);
      const bytes = readFileSync(file);
      for (let place = 0; place < bytes.length; place++) {
        // The white space behind the sums says nothing.
        if (name === 'sums.json' && place === bytes.length - 1) continue;
        const flipped = Buffer.from(bytes);
        flipped[place]! ^= 1 << (place % 8);
        writeFileSync(file, flipped);
        expect(() => checkSealed(path), `${name}, byte ${place}`).toThrow(file);
      }
      writeFileSync(file, bytes);
    }
    expect(checkSealed(path)).toBe(true);
  });

  it('says which file is cut off or gone', async () => {
    const path = await write('cut');
    const file = join(path, 'state.safetensors');
    truncateSync(file, 100);
    const cut = `${file}: is damaged: it has 100 bytes, `;
    expect(() => checkSealed(path)).toThrow(cut);
    await expect(checkSealedInTurns(path)).rejects.toThrow(cut);
    rmSync(file);
    expect(() => checkSealed(path)).toThrow(`${file}: is damaged: it is gone`);
  });

  it('without sums is one of an older version', async () => {
    const path = await write('old');
    rmSync(join(path, 'sums.json'));
    expect(checkSealed(path)).toBe(false);
    expect(sealOf(path)).toBeNull();
  });

  it('names no file outside of itself', async () => {
    const path = await write('named');
    const sums = readFileSync(join(path, 'sums.json'), 'utf8');
    cpSync(join(path, 'progress.json'), join(root, 'progress.json'));
    writeFileSync(join(path, 'sums.json'), sums.replace('progress.json', '../progress.json'));
    expect(() => checkSealed(path)).toThrow('sums.json: is damaged');
  });
});
