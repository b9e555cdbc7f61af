/** One after the other, on as many rows as it takes. */
export const placed = (widths: readonly number[], room: number): { left: number; row: number }[] => {
  let [left, row] = [0, 0];
  return widths.map((width) => {
    if (left > 0 && left + width > room) [left, row] = [0, row + 1];
    const place = { left, row };
    left += width;
    return place;
  });
};
