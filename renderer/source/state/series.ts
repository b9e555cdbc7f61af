/** A metric's values by step. */
export type Series = ReadonlyMap<number, number>;
