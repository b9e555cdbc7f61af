/** The four words that a counter and a key stand for. */
export type Words = [number, number, number, number];

/** The upper and lower half of a product of two words, by its parts of 16 bits. */
const multiplyWide = (a: number, b: number): readonly [number, number] => {
  const [a0, a1, b0, b1] = [a & 0xffff, a >>> 16, b & 0xffff, b >>> 16];
  const low = a0 * b0;
  const middle = a1 * b0 + (low >>> 16);
  const carried = a0 * b1 + (middle & 0xffff);
  const high = a1 * b1 + Math.floor(middle / 0x10000) + Math.floor(carried / 0x10000);
  return [high >>> 0, Math.imul(a, b) >>> 0];
};

/**
 * Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011): random words by counter, without a state, so
 * that any of them can be had without those before it.
 */
export const philox = (counter: Readonly<Words>, key: readonly [number, number]): Words => {
  let [a, b, c, d] = counter;
  let [first, second] = key;
  for (let round = 0; round < 10; round++) {
    const [highA, lowA] = multiplyWide(a, 0xd2511f53);
    const [highC, lowC] = multiplyWide(c, 0xcd9e8d57);
    [a, b, c, d] = [(highC ^ b ^ first) >>> 0, lowC, (highA ^ d ^ second) >>> 0, lowA];
    first = (first + 0x9e3779b9) >>> 0;
    second = (second + 0xbb67ae85) >>> 0;
  }
  return [a, b, c, d];
};
