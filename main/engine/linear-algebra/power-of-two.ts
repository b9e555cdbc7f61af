/**
 * The power of two at or below the largest magnitude, to divide by without rounding, so that no square over- or underflows; 0 where all
 * entries are. Below 2^-1022 powers of two lose digits: that is the least, and what is divided by it is then below 1.
 */
export const powerOfTwoBelow = (data: Float64Array): number => {
  let largest = 0;
  for (let i = 0; i < data.length; i++) largest = Math.max(largest, Math.abs(data[i]!));
  return largest === 0 ? 0 : 2 ** Math.min(1023, Math.max(-1022, Math.floor(Math.log2(largest))));
};
