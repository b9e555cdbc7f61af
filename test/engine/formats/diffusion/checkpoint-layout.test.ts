import { mkdirSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { asCheckpoint } from '../../../../main/engine/formats/diffusion/checkpoint-layout.ts';
import {
  openModelFolder,
  readWeight,
  type ModelFolder,
} from '../../../../main/engine/formats/model-folder.ts';
import { writeModelFolder } from '../../../../main/engine/formats/model-folder-writer.ts';
import { readSafetensorsHeader } from '../../../../main/engine/formats/safetensors.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import { inMiniature, publicModel, publicModels, writeCheckpoint, writePipeline } from './public-model.ts';

const root = temporaryDirectory();

/** A folder whose shapes are the public model's: nothing but headers is looked at. */
const inFull = (folder: ModelFolder, shapes: Readonly<Record<string, readonly number[]>>): ModelFolder => ({
  ...folder,
  tensors: new Map(
    [...folder.tensors].map(([name, location]) => [name, { ...location, shape: shapes[name]! }]),
  ),
});

test.each(publicModels)('a folder of %s is laid out as the single file that it came from', async (name) => {
  const directory = mkdtempSync(join(root, 'case-'));
  const pipeline = join(directory, 'pipeline');
  mkdirSync(pipeline);
  const written = writeCheckpoint(join(directory, 'from.safetensors'), name);
  writePipeline(pipeline, name, written);
  const { tensors, shapes } = publicModel(name);
  const folder = openModelFolder(pipeline);
  const laidOut = asCheckpoint(inFull(folder, shapes), 'to.safetensors').shards[0]!;
  const wanted = Object.entries(tensors).filter(([, { holds }]) => holds.length > 0);
  expect(laidOut.stored!.map((one) => [one.name, one.shape]).sort()).toEqual(
    wanted.map(([key, { shape }]) => [key, shape]).sort(),
  );
  expect(laidOut.metadata['modelspec.architecture']).toMatch(/^stable-diffusion-/);

  // In miniature the bytes are those of the file, too.
  await writeModelFolder({
    source: {
      ...folder,
      auxiliaryFiles: [],
      shards: [
        {
          ...laidOut,
          stored: laidOut.stored!.map((one) => ({ ...one, shape: inMiniature(one.shape) })),
        },
      ],
    },
    destination: join(directory, 'made'),
    replace: () => undefined,
  });
  const [from, to] = ['from.safetensors', 'made/to.safetensors'].map((file) =>
    readSafetensorsHeader(join(directory, file)),
  );
  for (const [key, entry] of to!.tensors) {
    const other = from!.tensors.get(key)!;
    const bytes = (header: typeof to, { offset }: { offset: number }) =>
      readWeight(
        {
          directory: '',
          config: {},
          auxiliaryFiles: [],
          shards: [],
          tensors: new Map([[key, { ...entry, file: header!.path, offset }]]),
        },
        key,
      );
    expect(other.shape, key).toEqual(entry.shape);
    expect(
      Buffer.compare(Buffer.from(bytes(to, entry).buffer), Buffer.from(bytes(from, other).buffer)),
      key,
    ).toBe(0);
  }
});

test('what a single file cannot say is refused by name', () => {
  const directory = mkdtempSync(join(root, 'case-'));
  writePipeline(directory, 'sd-1.5', writeCheckpoint(join(root, 'again.safetensors'), 'sd-1.5'));
  const folder = inFull(openModelFolder(directory), publicModel('sd-1.5').shapes);
  const unet = { ...(folder.config['unet'] as object), norm_num_groups: 16 };
  expect(() => asCheckpoint({ ...folder, config: { ...folder.config, unet } }, 'x.safetensors')).toThrow(
    /unet: norm_num_groups is 16, and programs take a single file of these shapes to have 32/,
  );
});
