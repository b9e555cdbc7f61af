import { WorkbenchError } from '../errors.ts';

/** @throws unsupported saying what gives numbers that aren't finite, and which layer is the first whose output isn't */
export const requireFinite = async (
  numbers: readonly Float32Array[],
  what: string,
  blame: () => Promise<string | null>,
): Promise<void> => {
  if (numbers.every((one) => one.every(Number.isFinite))) return;
  const module = await blame();
  const where = module === null ? '' : `: the first is ${module}'s output`;
  throw new WorkbenchError(
    'unsupported',
    `${what} gives numbers that are not finite${where}; its weights, or the adapter's, have diverged or overflow`,
  );
};
