import { hash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { drawnListing } from '../../../engine/data/pictures/drawn/drawn-folder.ts';
import type { Picture } from '../../../engine/data/pictures/picture.ts';
import type { DrawSettings } from '../../../engine/diffusion/draw-settings.ts';
import { drawPictures } from '../../../engine/drawing/draw-pictures.ts';
import { openDrawingModel } from '../../../engine/drawing/open-drawing-model.ts';
import { pngFile } from '../../../engine/drawing/png-file.ts';
import { NotFinite } from '../../../engine/drawing/require-finite.ts';
import { writeDirectoryWhole, writeFileWhole } from '../../../engine/formats/atomic-file.ts';
import {
  wantedSamples,
  type DrawnSampleSettings,
} from '../../../engine/train/settings/drawn-sample-settings.ts';
import { pictureTexts } from '../../draw/picture-texts.ts';
import type { DrawnSample } from '../../protocol/drawn-sample-schema.ts';
import type { RunInProgress } from '../run-in-progress.ts';
import { trainedValues } from '../trained-values.ts';
import { drawBasePictures } from './base-pictures.ts';
import type { DrawingSource } from './drawing-source.ts';
import { samplesAt } from './sample-folders.ts';
import { readSamples, sampleLines, type ListedSample } from './sample-listing.ts';
import { untilStopped } from './until-stopped.ts';

/**
 * What the run's prompts look like now, kept in its folder and reported: before the first step as the model itself draws them, then with the
 * adapter as it is. It reads the trainer's state and draws from numbers of its own, so that training goes on as if nothing had been drawn; the
 * seconds count apart. What was drawn at this step already, before a pause, is told again. Numbers that aren't finite are told, and training
 * goes on: where the weights are no numbers any more, its next loss stops it.
 */
export const drawSamples = async (run: RunInProgress): Promise<void> => {
  const { specification, prepared, trainer, journal, emit } = run;
  const samples = specification.training.diffusion?.samples ?? null;
  if (samples === null || prepared.drawing === null) return;
  const step = trainer.stepsDone();
  const began = performance.now();
  const pictures = await picturesAt(run, prepared.drawing, samples, step);
  journal.noteSamples((performance.now() - began) / 1000);
  emit({ type: 'pictures', step, pictures });
};

const picturesAt = async (
  run: RunInProgress,
  source: DrawingSource,
  samples: DrawnSampleSettings,
  step: number,
): Promise<DrawnSample[]> => {
  const wanted = wantedSamples(samples);
  const folder = samplesAt(step);
  const path = join(run.specification.runDirectory, folder);
  const kept = readSamples(path);
  try {
    const listed = kept?.length === wanted.length ? kept : await drawInto(run, source, samples, step, path);
    return listed.map(({ file, prompt, seed, sha256 }, position) => ({
      ...{ position, prompt, seed, sha256 },
      file: `${folder}/${file}`,
      problem: null,
    }));
  } catch (error) {
    if (!(error instanceof NotFinite)) throw error;
    run.emit({
      type: 'notice',
      message: `step ${step}: its sample pictures could not be drawn: ${error.message}`,
    });
    const none = { file: null, sha256: null, problem: error.message };
    return wanted.map((one, position) => ({ position, ...one, ...none }));
  }
};

/** Draws all of them, and puts them into their folder whole or not at all. */
const drawInto = async (
  run: RunInProgress,
  source: DrawingSource,
  samples: DrawnSampleSettings,
  step: number,
  path: string,
): Promise<ListedSample[]> => {
  const { prompts, seeds, every: _, ...drawn } = samples;
  const settings: DrawSettings = { ...drawn, clipSkip: null };
  const wanted = wantedSamples({ prompts, seeds });
  const { pictures, notices } = await drawNow(run, source, settings, wanted);
  if (step === run.prepared.firstStep) for (const message of notices) run.emit({ type: 'notice', message });
  const arm = step === 0 ? 'base' : `step ${step}`;
  const files = await Promise.all(
    pictures.map(({ width, height, rgb }, at) =>
      pngFile(
        { width, height, rgb },
        pictureTexts({
          ...{ width, height, ...wanted[at]!, model: source.name, arm },
          settings: { ...settings, clipSkip: source.clipSkip },
        }),
      ),
    ),
  );
  const listed = files.map((file, at) => ({
    file: `${String(at + 1).padStart(4, '0')}.png`,
    ...wanted[at]!,
    sha256: hash('sha256', file),
  }));
  run.guard.assertOwned();
  rmSync(path, { recursive: true, force: true });
  await writeDirectoryWhole(path, (folder) => {
    files.forEach((file, at) => writeFileWhole(join(folder, listed[at]!.file), file));
    writeFileWhole(join(folder, drawnListing), sampleLines(listed));
  });
  return listed;
};

const drawNow = async (
  { specification, prepared, trainer, report }: RunInProgress,
  source: DrawingSource,
  settings: DrawSettings,
  wanted: readonly { readonly prompt: string; readonly seed: number }[],
): Promise<{ readonly pictures: readonly Picture[]; readonly notices: readonly string[] }> => {
  const isBase = trainer.stepsDone() === 0;
  const { model, tokenizers, threads } = source;
  const { adapter, trainedWeights } = prepared;
  return untilStopped(report, 'sampling', async (watched) => {
    if (isBase)
      return drawBasePictures({
        ...{ source, settings, wanted, ...watched },
        cacheDirectory: specification.cacheDirectory,
      });
    const { parameters } = await trainer.state();
    const values = trainedValues(trainer.layout, parameters, adapter);
    const subject = { model, adapter: { ...adapter, values }, trainedWeights };
    const drawn = await drawPictures({
      model: openDrawingModel([subject], { threads }),
      ...{ tokenizers, arms: 1, wanted, settings, ...watched },
    });
    return { pictures: drawn.pictures[0]!, notices: drawn.notices };
  });
};
