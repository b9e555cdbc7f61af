/** As Python rounds: halves to the even number. */
export const roundToEven = (value: number): number => {
  const down = Math.floor(value);
  const rest = value - down;
  if (rest === 0.5) return down % 2 === 0 ? down : down + 1;
  return rest < 0.5 ? down : down + 1;
};
