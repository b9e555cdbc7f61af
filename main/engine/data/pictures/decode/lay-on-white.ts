/** Fixed point of the two shares: 7 bits after 255. */
const fraction = 7;

/** A product of shares by 255, rounded. */
const divided = (sum: number): number => {
  const value = sum + (0x80 << fraction);
  return (((value >> 8) + value) >> 8) >> fraction;
};

/**
 * As Pillow 12's `alpha_composite` over an opaque white picture, bit for bit.
 * @param rgba height x width x 4
 * @returns red, green, blue: height x width x 3
 */
export const laidOnWhite = (rgba: Uint8Array): Uint8Array => {
  const pixels = rgba.length / 4;
  const rgb = new Uint8Array(pixels * 3);
  for (let pixel = 0; pixel < pixels; pixel++) {
    // Over an opaque picture the result is opaque, so the share of a colour is its alpha.
    const share = rgba[pixel * 4 + 3]! << fraction;
    const rest = (255 << fraction) - share;
    for (let channel = 0; channel < 3; channel++)
      rgb[pixel * 3 + channel] = divided(rgba[pixel * 4 + channel]! * share + 255 * rest);
  }
  return rgb;
};
