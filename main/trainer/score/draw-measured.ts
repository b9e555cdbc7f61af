import { hash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { drawnListing } from '../../engine/data/pictures/drawn/drawn-folder.ts';
import type { PictureEntry } from '../../engine/data/pictures/sets/picture-set.ts';
import type { DrawSettings } from '../../engine/diffusion/draw-settings.ts';
import { drawPictures, type WantedPicture } from '../../engine/drawing/draw-pictures.ts';
import { openDrawingModel } from '../../engine/drawing/open-drawing-model.ts';
import { pngFile } from '../../engine/drawing/png-file.ts';
import { WorkbenchError } from '../../engine/errors.ts';
import { writeDirectoryWhole, writeFileWhole } from '../../engine/formats/atomic-file.ts';
import { prepareMeasured } from '../../engine/scoring/fidelity/prepare-measured.ts';
import type { TaskOf } from '../../engine/scoring/task.ts';
import { diffusionSettingsOf } from '../../engine/train/settings/diffusion-settings.ts';
import { pictureTexts } from '../draw/picture-texts.ts';
import { readSamples, sampleLines, type ListedSample } from '../run/samples/sample-listing.ts';
import { untilStopped } from '../run/samples/until-stopped.ts';
import { measuredPicturesIn } from './measured-pictures.ts';
import type { ScoringInProgress } from './scoring-in-progress.ts';
import type { Work } from './work-left.ts';

/** What a subject drew for a task, in the order of its items. */
export interface MeasuredPictures {
  readonly folder: string;
  readonly entries: readonly (PictureEntry & WantedPicture)[];
}

/** What the pictures of a folder follow from: they stay where it is the same, so that a job that was stopped draws nothing twice. */
const originFile = 'drawn-from.json';

/**
 * Draws all pictures of a task, into the subject's folder. A folder that has them already, of the same adapter, is taken as it is.
 * @throws WorkbenchError unsupported where the job has no folder for them, or the subject gives no numbers
 */
export const drawMeasured = async (
  task: TaskOf<'drawn'>,
  work: Work,
  inProgress: ScoringInProgress,
): Promise<MeasuredPictures> => {
  const { specification } = inProgress;
  const { drawnDirectory, adapterDirectory } = specification.subjects.find(
    ({ id }) => id === work.subject.id,
  )!;
  if (drawnDirectory === null)
    throw new WorkbenchError(
      'unsupported',
      `task ${task.name}: pictures are drawn and measured in a comparison; of folders, nora fidelity measures them`,
    );
  const folder = measuredPicturesIn(drawnDirectory, task.name);
  const wanted = prepareMeasured(task, []).measured;
  const { clipSkip } = diffusionSettingsOf(specification);
  const { kind: _kind, name: _name, limit: _limit, models: _models, prompts: _prompts, ...rest } = task;
  const { seeds: _seeds, leaveOut: _leaveOut, ...drawn } = rest;
  // The layer of the text encoders is the model's, as it was opened.
  const settings: DrawSettings = { ...drawn, clipSkip: null };
  const origin = JSON.stringify({ version: 1, clipSkip, settings, adapter: stampOf(adapterDirectory) });
  const listed =
    keptIn(folder, origin, wanted) ??
    (await drawInto(folder, origin, wanted, { settings, clipSkip }, work, inProgress));
  return {
    folder,
    entries: listed.map(({ file, prompt, seed }) => ({
      name: file,
      place: join(folder, file),
      prompt,
      seed,
    })),
  };
};

/** Of an adapter's file: another one is another size or another time. */
const stampOf = (adapterDirectory: string | null): readonly number[] | null => {
  if (adapterDirectory === null) return null;
  const file = join(adapterDirectory, 'adapter_model.safetensors');
  if (!existsSync(file)) return null;
  const { size, mtimeMs } = statSync(file);
  return [size, mtimeMs];
};

const keptIn = (
  folder: string,
  origin: string,
  wanted: readonly WantedPicture[],
): readonly ListedSample[] | undefined => {
  const path = join(folder, originFile);
  if (!existsSync(path) || readFileSync(path, 'utf8') !== origin) return undefined;
  const kept = readSamples(folder);
  const isSame =
    kept?.length === wanted.length &&
    kept.every(({ prompt, seed }, at) => prompt === wanted[at]!.prompt && seed === wanted[at]!.seed);
  return isSame ? kept : undefined;
};

const drawInto = async (
  folder: string,
  origin: string,
  wanted: readonly WantedPicture[],
  { settings, clipSkip }: { readonly settings: DrawSettings; readonly clipSkip: number | null },
  { subject }: Work,
  { specification, draws, breathe, context }: ScoringInProgress,
): Promise<readonly ListedSample[]> => {
  const { threads, modelDirectory } = specification;
  const { pictures, notices } = await untilStopped(breathe, 'scoring', (watched) =>
    drawPictures({
      model: openDrawingModel([subject.trained], { threads }),
      ...{ tokenizers: draws!.tokenizers, arms: 1, wanted, settings, ...watched },
    }),
  );
  for (const message of notices) context.emit({ type: 'notice', message });
  const files = await Promise.all(
    pictures[0]!.map((picture, at) =>
      pngFile(
        picture,
        pictureTexts({
          ...{ width: picture.width, height: picture.height, ...wanted[at]! },
          ...{ model: basename(modelDirectory), arm: subject.id, settings: { ...settings, clipSkip } },
        }),
      ),
    ),
  );
  const listed = files.map((file, at) => ({
    file: `${String(at + 1).padStart(4, '0')}.png`,
    prompt: wanted[at]!.prompt,
    seed: wanted[at]!.seed,
    sha256: hash('sha256', file),
  }));
  rmSync(folder, { recursive: true, force: true });
  await writeDirectoryWhole(folder, (path) => {
    files.forEach((file, at) => writeFileWhole(join(path, listed[at]!.file), file));
    writeFileWhole(join(path, drawnListing), sampleLines(listed));
    writeFileWhole(join(path, originFile), origin);
  });
  return listed;
};
