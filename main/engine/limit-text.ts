/** A limit as people read it: 10,000,000, and 0.5 as it is. What a person typed stays as it was typed. */
export const limitText = (limit: number | bigint): string =>
  typeof limit === 'bigint' || Number.isInteger(limit) ? limit.toLocaleString('en-US') : String(limit);
