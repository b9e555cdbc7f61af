import type { Adapter } from '../api/contract.ts';
import { invalidInput } from '../engine/errors.ts';
import { pick } from './pick.ts';

/**
 * What `LoRA r16=0.7` means: an adapter by its id or name, and its weight, which is 1 where none is given. Names may have `=` in them: what stands
 * behind the last one is the weight.
 */
export const readPart = (
  text: string,
  adapters: readonly Adapter[],
): { adapterId: string; weight: number } => {
  const at = text.lastIndexOf('=');
  const [name, written] = at === -1 ? [text, '1'] : [text.slice(0, at), text.slice(at + 1)];
  const weight = written.trim() === '' ? Number.NaN : Number(written);
  if (!Number.isFinite(weight) || weight === 0)
    throw invalidInput(
      `--adapter ${text}: expected an adapter and its weight, as in "${name}=0.5", a number that is not 0`,
    );
  return { adapterId: pick(adapters, name, 'adapter').id, weight };
};
