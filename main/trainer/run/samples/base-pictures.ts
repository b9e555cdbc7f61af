import { hash } from 'node:crypto';
import { join } from 'node:path';
import type { Picture } from '../../../engine/data/pictures/picture.ts';
import type { DrawSettings } from '../../../engine/diffusion/draw-settings.ts';
import { drawPictures, type WantedPicture } from '../../../engine/drawing/draw-pictures.ts';
import { openDrawingModel } from '../../../engine/drawing/open-drawing-model.ts';
import { openKeptFiles } from '../../../engine/formats/kept-files.ts';
import {
  readSafetensorsHeader,
  readTensorRaw,
  writeSafetensors,
} from '../../../engine/formats/safetensors.ts';
import type { DrawingSource } from './drawing-source.ts';

/*
 * What a model draws by itself, kept for all runs on it: arms and seeds of an experiment begin with the same pictures, and train with the same
 * pictures of a class. A file is found by all that its picture depends on, and counts only where it is as it was written.
 */

/** Of how pictures are drawn: raise it when that gives others, and what is kept is not found again. */
const version = 1;
const mostBytes = 2 ** 32;

export interface BasePictures {
  readonly pictures: readonly Picture[];
  /** Of them, drawn now. */
  readonly made: number;
  readonly notices: readonly string[];
}

interface BaseDrawing {
  readonly source: DrawingSource;
  readonly cacheDirectory: string | null;
  readonly wanted: readonly WantedPicture[];
  readonly settings: DrawSettings;
  readonly onProgress: (done: number, total: number) => void;
  readonly signal: AbortSignal;
}

const sumOf = (rgb: Uint8Array): string => hash('sha256', rgb);

const writePicture = (path: string, { width, height, rgb }: Picture): void =>
  writeSafetensors(path, [{ name: 'rgb', dtype: 'U8', shape: [height, width, 3], data: rgb }], {
    sha256: sumOf(rgb),
  });

const readPicture = (path: string): Picture | undefined => {
  const header = readSafetensorsHeader(path);
  const [height, width] = header.tensors.get('rgb')!.shape;
  const rgb = Uint8Array.from(readTensorRaw(header, 'rgb'));
  return header.metadata['sha256'] === sumOf(rgb) ? { width: width!, height: height!, rgb } : undefined;
};

/**
 * Draws with the model itself what no earlier run has drawn.
 * @throws as drawPictures does
 */
export const drawBasePictures = async (drawing: BaseDrawing): Promise<BasePictures> => {
  const { source, cacheDirectory, wanted, settings, onProgress, signal } = drawing;
  const { model, tokenizers, threads, files, clipSkip } = source;
  const isKept = cacheDirectory !== null && files !== undefined && files.length > 0;
  const kept = isKept ? openKeptFiles(join(cacheDirectory, 'drawn'), mostBytes) : null;
  const ofModel = files?.map(({ name, sha256 }) => [name, sha256]);
  const keyOf = (one: WantedPicture): string =>
    hash('sha256', JSON.stringify([version, ofModel, clipSkip, settings, one.prompt, one.seed]));
  const found = wanted.map((one) => kept?.read(keyOf(one), readPicture));
  const missing = wanted.filter((_, at) => found[at] === undefined);
  if (missing.length === 0) return { pictures: found as Picture[], made: 0, notices: [] };
  const drawn = await drawPictures({
    model: openDrawingModel([{ model, adapter: null, trainedWeights: [] }], { threads }),
    ...{ tokenizers, arms: 1, wanted: missing, settings, onProgress, signal },
  });
  const made = drawn.pictures[0]!;
  missing.forEach((one, at) => kept?.write(keyOf(one), (path) => writePicture(path, made[at]!)));
  const rest = made.values();
  return {
    pictures: found.map((picture) => picture ?? rest.next().value!),
    made: made.length,
    notices: drawn.notices,
  };
};
