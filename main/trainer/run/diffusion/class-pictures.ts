import { hash } from 'node:crypto';
import type { Picture } from '../../../engine/data/pictures/picture.ts';
import type { DiffusionSettings } from '../../../engine/train/settings/diffusion-settings.ts';
import { limitText } from '../../../engine/limit-text.ts';
import type { Report } from '../report.ts';
import { drawBasePictures } from '../samples/base-pictures.ts';
import type { DrawingSource } from '../samples/drawing-source.ts';
import { untilStopped } from '../samples/until-stopped.ts';

/** A picture of the class that the model itself drew. */
export interface DrawnOfClass {
  /** No file of the data can be called so. */
  readonly name: string;
  readonly picture: Picture;
  /** What stands for a file's hash. */
  readonly sha256: string;
}

export interface ClassPictures {
  readonly drawn: readonly DrawnOfClass[];
  readonly notices: readonly string[];
}

interface ClassDrawingOptions {
  readonly source: DrawingSource;
  readonly cacheDirectory: string | null;
  readonly prior: DiffusionSettings['prior'];
  /** How many the data lack. */
  readonly missing: number;
}

/** Drawn at a time: what is kept of a drawing that is paused. */
const together = 4;

const namedAfter = (seed: number, picture: Picture): DrawnOfClass => ({
  // Names within a folder have no empty part.
  name: `drawn//${seed}`,
  picture,
  sha256: hash('sha256', Buffer.concat([Buffer.from(`${picture.width} x ${picture.height} `), picture.rgb])),
});

/**
 * Draws those pictures of the class that the data lack, with the model as it is before it is trained, or finds those that another run drew
 * (DreamBooth's num_class_images). A pause is heard between steps of drawing; what was drawn until then is found again.
 * @throws as drawPictures does, and what the report throws
 */
export const drawClassPictures = async (
  { source, cacheDirectory, prior, missing }: ClassDrawingOptions,
  report: Report,
): Promise<ClassPictures> => {
  if (missing === 0 || prior === null || prior.draw === null) return { drawn: [], notices: [] };
  const { seed: first, ...draw } = prior.draw;
  const drawn: DrawnOfClass[] = [];
  const notices = new Set<string>();
  let made = 0;
  await untilStopped(report, 'drawing', async ({ onProgress, signal }) => {
    for (let at = 0; at < missing; at += together) {
      signal.throwIfAborted();
      const seeds = Array.from({ length: Math.min(together, missing - at) }, (_, next) => first + at + next);
      const part = await drawBasePictures({
        ...{ source, cacheDirectory, signal },
        wanted: seeds.map((seed) => ({ prompt: prior.prompt, seed })),
        settings: { ...draw, clipSkip: null },
        onProgress: (done, total) => onProgress(at + (seeds.length * done) / total, missing),
      });
      seeds.forEach((seed, place) => drawn.push(namedAfter(seed, part.pictures[place]!)));
      made += part.made;
      for (const notice of part.notices) notices.add(notice);
    }
    onProgress(missing, missing);
  });
  const found = missing - made;
  const how =
    found === 0 ? 'all drawn now' : `${limitText(found)} found in the cache, ${limitText(made)} drawn`;
  return {
    drawn,
    notices: [`${limitText(missing)} pictures of the class are the model's own: ${how}`, ...notices],
  };
};
