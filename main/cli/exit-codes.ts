/** What was asked was done; it failed; it could not be tried, because of what was given; it was stopped before its end. Other signals than Ctrl-C have codes of their own. */
export const exitCodes = { done: 0, failed: 1, badInput: 2, interrupted: 130 } as const;
