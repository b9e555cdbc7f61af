/** A value that outlives the page, in the window's own storage. */
export interface KeptValue {
  /** Undefined where there is none, or it can't be read as JSON. What comes back is to be checked: an older program may have written it. */
  read(): unknown;
  keep(value: unknown): void;
  discard(): void;
}

/** JSON has no NaN, which a field holds while what is typed is no number. */
const notANumber = { isNaN: true } as const;
const write = (_: string, value: unknown): unknown => (Number.isNaN(value) ? notANumber : value);
const revive = (_: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'isNaN' in value ? Number.NaN : value;

/** Where storage is full or forbidden nothing is kept: it is a convenience. */
const attempt = <T>(work: () => T): T | undefined => {
  try {
    return work();
  } catch {
    return undefined;
  }
};

export const createKeptValue = (key: string): KeptValue => ({
  read: () =>
    attempt(() => {
      const text = localStorage.getItem(key);
      return text === null ? undefined : (JSON.parse(text, revive) as unknown);
    }),
  keep: (value) => void attempt(() => localStorage.setItem(key, JSON.stringify(value, write))),
  discard: () => void attempt(() => localStorage.removeItem(key)),
});
