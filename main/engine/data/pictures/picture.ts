/** A picture of 8 bits a channel. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue of each pixel, row by row from the top: height x width x 3. */
  readonly rgb: Uint8Array;
}

/** A rectangle of whole pixels within a picture. */
export interface Region {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export const wholeOf = ({ width, height }: Pick<Picture, 'width' | 'height'>): Region => ({
  left: 0,
  top: 0,
  width,
  height,
});

/** Left and right exchanged. */
export const mirrored = ({ width, height, rgb }: Picture): Picture => {
  const turned = new Uint8Array(rgb.length);
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) {
      const from = (row * width + column) * 3;
      const to = (row * width + width - 1 - column) * 3;
      turned[to] = rgb[from]!;
      turned[to + 1] = rgb[from + 1]!;
      turned[to + 2] = rgb[from + 2]!;
    }
  return { width, height, rgb: turned };
};
