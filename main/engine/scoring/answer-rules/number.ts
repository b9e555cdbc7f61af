/** What LLM-Adapters' evaluation allows a number to be off by. */
const tolerance = 1e-3;

/** The last number of a text without its thousands' commas; null where there is none. */
export const lastNumber = (text: string): string | null =>
  text
    .replaceAll(',', '')
    .match(/-?\d+\.?\d*/g)
    ?.at(-1) ?? null;

/** Whether a number is the expected one, but for the tolerance. */
export const isNumber = (found: string, expected: string): boolean =>
  Math.abs(Number(found) - Number(expected.replaceAll(',', ''))) <= tolerance;
