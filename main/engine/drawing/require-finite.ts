import { WorkbenchError } from '../errors.ts';

/** Numbers that aren't finite came up while a picture was drawn. */
export class NotFinite extends WorkbenchError {
  constructor(message: string) {
    super('unsupported', message);
  }
}

/** @throws NotFinite saying what gives numbers that aren't finite, and which layer is the first whose output isn't */
export const requireFinite = async (
  numbers: readonly Float32Array[],
  what: string,
  blame: () => Promise<string | null>,
): Promise<void> => {
  if (numbers.every((one) => one.every(Number.isFinite))) return;
  const module = await blame();
  const where = module === null ? '' : `: the first is ${module}'s output`;
  throw new NotFinite(
    `${what} gives numbers that are not finite${where}; its weights, or the adapter's, have diverged or overflow`,
  );
};
