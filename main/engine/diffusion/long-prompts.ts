/** What becomes of a prompt that is longer than its encoder takes: it is cut, or encoded in several pieces as kohya and the UIs do. Pure: forms ask it too. */
export const longPrompts = ['cut', 'chunks'] as const;
export type LongPrompts = (typeof longPrompts)[number];
