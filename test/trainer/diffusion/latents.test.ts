import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openLatentFiles } from '../../../main/trainer/run/diffusion/latent-files.ts';
import { openLatents, type LatentSources, type View } from '../../../main/trainer/run/diffusion/latents.ts';

const view: View = { name: 'a.png', width: 16, height: 8, across: null, down: null, mirrored: false };

const open = (cache: string | null, given: Partial<LatentSources> = {}) => {
  let encodings = 0;
  const latents = openLatents({
    see: ({ mirrored }) =>
      Promise.resolve({ pixels: Float32Array.of(Number(mirrored)), sizes: [8, 16, 0, 0, 8, 16] }),
    hashOf: (name) => Promise.resolve(`hash of ${name}`),
    encode: ({ pixels }, { width, height }) => {
      encodings += 1;
      const size = (2 * width * height) / 64;
      return Promise.resolve({
        moments: Float32Array.from({ length: size }, (_, at) => at / 3 + pixels[0]!),
        height: height / 8,
        width: width / 8,
      });
    },
    files: cache === null ? null : openLatentFiles(cache),
    dependsOn: ['vae'],
    ...given,
  });
  return { latents, encodings: () => encodings };
};

describe('latents', () => {
  it('are made once in a run, and found by a later one to the bit', async () => {
    const cache = mkdtempSync(join(tmpdir(), 'nora-latents-'));
    const first = open(cache);
    const made = await first.latents.of(view);
    expect(await first.latents.of(view)).toBe(made);
    expect(await first.latents.of({ ...view, mirrored: true })).not.toEqual(made);
    expect(first.encodings()).toBe(2);
    expect(made).toMatchObject({ height: 1, width: 2, sizes: [8, 16, 0, 0, 8, 16] });

    const later = open(cache);
    expect(await later.latents.of(view)).toEqual(made);
    expect(later.encodings()).toBe(0);
    expect(later.latents.counts()).toEqual({ made: 0, found: 1 });
  });

  it('are others for another picture, size or VAE', async () => {
    const cache = mkdtempSync(join(tmpdir(), 'nora-latents-'));
    await open(cache).latents.of(view);
    const others: readonly [View, Partial<LatentSources>][] = [
      [{ ...view, name: 'b.png' }, {}],
      [{ ...view, width: 24 }, {}],
      [view, { dependsOn: ['another VAE'] }],
      [view, { hashOf: () => Promise.resolve('changed since') }],
    ];
    for (const [other, given] of others) {
      const opened = open(cache, given);
      await opened.latents.of(other);
      expect(opened.encodings()).toBe(1);
    }
  });

  it('that are half written or damaged on the disk do not count', async () => {
    const cache = mkdtempSync(join(tmpdir(), 'nora-latents-'));
    const made = await open(cache).latents.of(view);
    const folder = join(cache, 'latents');
    const [name] = readdirSync(folder);
    const bytes = readFileSync(join(folder, name!));
    const flipped = Uint8Array.from(bytes, (byte, at) => (at === bytes.length - 1 ? byte ^ 1 : byte));
    for (const spoilt of [bytes.subarray(0, bytes.length - 5), flipped, Buffer.from('{')]) {
      writeFileSync(join(folder, name!), spoilt);
      const opened = open(cache);
      expect(await opened.latents.of(view)).toEqual(made);
      expect(opened.encodings()).toBe(1);
    }
  });

  it('of a place that chance chose are not kept on the disk', async () => {
    const cache = mkdtempSync(join(tmpdir(), 'nora-latents-'));
    const opened = open(cache);
    await opened.latents.of({ ...view, across: 0.3, down: 0 });
    expect(() => readdirSync(join(cache, 'latents'))).toThrow('ENOENT');
    expect(await open(null).latents.of(view)).toMatchObject({ height: 1 });
  });

  it('that are no numbers are an error that names the picture', async () => {
    const { latents } = open(null, {
      encode: () => Promise.resolve({ moments: Float32Array.of(NaN, 0), height: 1, width: 1 }),
    });
    await expect(latents.of(view)).rejects.toThrow("a.png: the model's VAE makes no finite numbers of it");
  });
});
