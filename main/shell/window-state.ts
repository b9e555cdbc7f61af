import { readFileSync } from 'node:fs';
import type { BrowserWindow, Display, Rectangle } from 'electron';
import { z } from 'zod';
import { writeFileWhole } from '../engine/formats/atomic-file.ts';

const length = z.int().min(-100_000).max(100_000);
const windowStateSchema = z.strictObject({
  bounds: z.strictObject({ x: length, y: length, width: length.positive(), height: length.positive() }),
  isMaximised: z.boolean(),
  zoomLevel: z.number().min(-8).max(9),
});

/** Where a window was, and how. */
export type WindowState = z.output<typeof windowStateSchema>;

/** Undefined where there is none, or none that can be understood: a window then opens as the first time. */
export const readWindowState = (file: string): WindowState | undefined => {
  try {
    return windowStateSchema.safeParse(JSON.parse(readFileSync(file, 'utf8'))).data;
  } catch {
    return undefined;
  }
};

/** So much of a window has to be on a display for a person to take hold of it. */
const least = { width: 120, height: 40 };

const overlap = (from: number, length: number, otherFrom: number, otherLength: number): number =>
  Math.min(from + length, otherFrom + otherLength) - Math.max(from, otherFrom);

/** The bounds, no larger than the display that they are on; undefined where that is gone. */
export const boundsOn = (
  { x, y, width, height }: Rectangle,
  displays: readonly Pick<Display, 'workArea'>[],
): Rectangle | undefined => {
  const area = displays
    .map(({ workArea }) => workArea)
    .find(
      (one) =>
        overlap(x, width, one.x, one.width) >= least.width &&
        // Its title has to be there, not any part of it.
        overlap(y, least.height, one.y, one.height) >= least.height,
    );
  return area && { x, y, width: Math.min(width, area.width), height: Math.min(height, area.height) };
};

/** Keeps a window's state when it is closed. A disk that is full keeps nobody from closing a window. */
export const keepWindowState = (window: BrowserWindow, file: string): void => {
  window.on('close', () => {
    const { x, y, width, height } = window.getNormalBounds();
    const state: WindowState = {
      bounds: { x, y, width, height },
      isMaximised: window.isMaximized(),
      zoomLevel: window.webContents.getZoomLevel(),
    };
    try {
      writeFileWhole(file, `${JSON.stringify(state)}\n`);
    } catch {
      // It opens as it did before.
    }
  });
};
