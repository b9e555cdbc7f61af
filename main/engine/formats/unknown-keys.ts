import { WorkbenchError } from '../errors.ts';

/** Absent, null, false, 0 and empty mean that a feature is switched off. */
const isOff = (value: unknown): boolean =>
  value === null ||
  value === false ||
  value === 0 ||
  value === undefined ||
  (typeof value === 'object' && Object.keys(value).length === 0);

/**
 * A key that nobody knows might change the mathematics, so unless it is switched off it is refused by name.
 * @param before what the key stands after in the message: the file, and where in it
 */
export const refuseUnknown = (
  settings: Readonly<Record<string, unknown>>,
  known: ReadonlySet<string>,
  before: string,
  whose: string,
): void => {
  for (const [key, value] of Object.entries(settings))
    if (!known.has(key) && !isOff(value))
      throw new WorkbenchError(
        'unsupported',
        `${before}${key} is set to ${JSON.stringify(value)}, which this version does not know for ${whose}`,
      );
};
