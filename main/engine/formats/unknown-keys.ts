import { WorkbenchError } from '../errors.ts';
import { isOff } from '../json-value.ts';

/**
 * A key that nobody knows might change the mathematics, so unless it is switched off (0 too) it is refused by name.
 * @param before what the key stands after in the message: the file, and where in it
 */
export const refuseUnknown = (
  settings: Readonly<Record<string, unknown>>,
  known: ReadonlySet<string>,
  before: string,
  whose: string,
): void => {
  for (const [key, value] of Object.entries(settings))
    if (!known.has(key) && value !== 0 && !isOff(value))
      throw new WorkbenchError(
        'unsupported',
        `${before}${key} is set to ${JSON.stringify(value)}, which this version does not know for ${whose}`,
      );
};
