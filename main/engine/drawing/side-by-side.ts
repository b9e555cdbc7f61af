import type { Picture } from '../data/pictures/picture.ts';

/** White between pictures, in pixels. */
const gap = 8;

/** Pictures of one size on one sheet, a row for each list. */
export const sideBySide = (rows: readonly (readonly Picture[])[]): Picture => {
  const { width, height } = rows[0]![0]!;
  const across = Math.max(...rows.map((row) => row.length));
  const sheet = {
    width: across * (width + gap) - gap,
    height: rows.length * (height + gap) - gap,
  };
  const rgb = new Uint8Array(3 * sheet.width * sheet.height).fill(255);
  rows.forEach((row, down) =>
    row.forEach((picture, at) => {
      for (let line = 0; line < height; line++) {
        const to = (down * (height + gap) + line) * sheet.width + at * (width + gap);
        rgb.set(picture.rgb.subarray(3 * line * width, 3 * (line + 1) * width), 3 * to);
      }
    }),
  );
  return { ...sheet, rgb };
};
