/** Whether a value is an object with keys: no list, no null. */
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether a setting of a configuration file leaves off what it could switch on: absent, null, false, or empty. */
export const isOff = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === false ||
  (typeof value === 'object' && Object.keys(value).length === 0);

/** A value of a file as text. String() asks the value itself, which `{"toString": 1}` has no answer to. */
export const valueText = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value, withoutBigints) ?? 'undefined');

/** Rows of data have them; JSON.stringify does not. */
const withoutBigints = (_: string, value: unknown): unknown =>
  typeof value === 'bigint' ? String(value) : value;
