/** Which power of each singular value goes to B and which to A. */
export type OuterSplit = { readonly b: number; readonly a: number };

/** The ways to share Sigma between the outer factors. With 'dropped' the product B A is not the truncated weight. */
export const outerSplits = {
  b: { b: 1, a: 0 },
  a: { b: 0, a: 1 },
  'square-root': { b: 0.5, a: 0.5 },
  dropped: { b: 0, a: 0 },
} as const satisfies Record<string, OuterSplit>;

export type OuterSplitName = keyof typeof outerSplits;

export const outerSplitNames = Object.keys(outerSplits) as readonly OuterSplitName[];
