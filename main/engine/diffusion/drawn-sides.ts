/**
 * Why a model can't draw pictures of that side, with those nearest that it can; null where it can. Pure: forms ask it too.
 * @param multipleOf pixels that every side is a multiple of
 */
export const sideProblem = (side: number, multipleOf: number): string | null => {
  if (side % multipleOf === 0) return null;
  const below = Math.floor(side / multipleOf) * multipleOf;
  const near = [below, below + multipleOf].filter((one) => one > 0);
  return `this model draws multiples of ${multipleOf} pixels; ${side} is none: take ${near.join(' or ')}`;
};

interface AskedSize {
  readonly width?: number | null | undefined;
  readonly height?: number | null | undefined;
}

/** What is wrong with a width and a height, where they are given, by field. */
export const sizeProblems = (
  { width = null, height = null }: AskedSize,
  multipleOf: number,
): { readonly field: 'width' | 'height'; readonly message: string }[] =>
  (
    [
      ['width', width],
      ['height', height],
    ] as const
  ).flatMap(([field, side]) => {
    const message = side === null ? null : sideProblem(side, multipleOf);
    return message === null ? [] : [{ field, message }];
  });
