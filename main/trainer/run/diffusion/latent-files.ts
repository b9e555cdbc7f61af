import { hash } from 'node:crypto';
import { join } from 'node:path';
import { openKeptFiles, type KeptFiles } from '../../../engine/formats/kept-files.ts';
import {
  readSafetensorsHeader,
  readTensorRaw,
  writeSafetensors,
} from '../../../engine/formats/safetensors.ts';

/** What a VAE made of a view of a picture. */
export interface EncodedView {
  /** Mean, then logarithm of the variance: (2 channels x height x width), before the model's scaling. */
  readonly moments: Float32Array;
  /** Of the latent. */
  readonly height: number;
  readonly width: number;
  /** Height and width of the picture, the corner that was cut (top, left), height and width of what is seen: what SDXL is told. */
  readonly sizes: readonly number[];
}

/** Of how pictures are seen and encoded: raise it when either gives other numbers, and what is kept is not found again. */
const version = 1;
const mostBytes = 2 ** 32;
const names = ['moments', 'sizes'] as const;

/** Latents of all runs, by all they depend on. */
export interface LatentFiles {
  readonly read: (parts: readonly unknown[]) => EncodedView | undefined;
  readonly write: (parts: readonly unknown[], view: EncodedView) => void;
}

const keyOf = (parts: readonly unknown[]): string => hash('sha256', JSON.stringify([version, ...parts]));

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

const checksum = (tensors: readonly Float32Array[]): string =>
  hash('sha256', tensors.map((tensor) => hash('sha256', bytesOf(tensor))).join());

const writeView = (path: string, { moments, height, width, sizes }: EncodedView): void => {
  const numbers = Float32Array.from(sizes);
  const tensors = [
    { name: 'moments', dtype: 'F32', shape: [moments.length / height / width, height, width], data: moments },
    { name: 'sizes', dtype: 'F32', shape: [sizes.length], data: numbers },
  ] as const;
  writeSafetensors(path, tensors, { sha256: checksum([moments, numbers]) });
};

/** Undefined unless all of it is as it was written. */
const readView = (path: string): EncodedView | undefined => {
  const header = readSafetensorsHeader(path);
  const [moments, sizes] = names.map((name) => new Float32Array(readTensorRaw(header, name).slice().buffer));
  const [, height, width] = header.tensors.get('moments')?.shape ?? [];
  if (header.metadata['sha256'] !== checksum([moments!, sizes!])) return undefined;
  return { moments: moments!, height: height!, width: width!, sizes: [...sizes!] };
};

export const openLatentFiles = (
  cacheDirectory: string,
  files: KeptFiles = openKeptFiles(join(cacheDirectory, 'latents'), mostBytes),
): LatentFiles => ({
  read: (parts) => files.read(keyOf(parts), readView),
  write: (parts, view) => files.write(keyOf(parts), (path) => writeView(path, view)),
});
