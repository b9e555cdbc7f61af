/** Words that make a gram. */
export const gramWords = 5;

const words = /[\p{L}\p{M}\p{N}]+/gu;

/**
 * The distinct stretches of five words of a text, each as a number of 53 bits, ascending. A text of fewer words is one stretch; one without
 * words has none. @param text normalised
 */
export const wordGrams = (text: string): Float64Array => {
  const found = text.match(words) ?? [];
  if (found.length === 0) return new Float64Array(0);
  const count = Math.max(1, found.length - gramWords + 1);
  const grams = new Set<number>();
  for (let start = 0; start < count; start++)
    grams.add(hash(found.slice(start, start + gramWords).join(' ')));
  return Float64Array.from(grams).sort();
};

/** Two multiplicative hashes put together. With 53 bits, that any two of a million grams have one number is less likely than 1 in 10,000. */
const hash = (text: string): number => {
  let high = 0x811c9dc5;
  let low = 0x1b873593;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    high = Math.imul(high ^ code, 0x01000193);
    low = Math.imul(low ^ code, 0x85ebca6b);
    low ^= low >>> 13;
  }
  return (high >>> 0) * 2 ** 21 + (low >>> 11);
};

/** The Jaccard similarity of two sets of grams: what they share, of all that is in either. 0 where both are empty. */
export const similarity = (a: Float64Array, b: Float64Array): number => {
  let shared = 0;
  for (let [left, right] = [0, 0]; left < a.length && right < b.length;) {
    const difference = a[left]! - b[right]!;
    if (difference === 0) shared += 1;
    if (difference <= 0) left += 1;
    if (difference >= 0) right += 1;
  }
  const all = a.length + b.length - shared;
  return all === 0 ? 0 : shared / all;
};
