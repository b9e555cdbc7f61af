import { z } from 'zod';

/** What every list takes: how much, and after what. Pure: it runs in a browser too. */
export const pageParams = (usual: number, most: number) => ({
  /** `next` of the page before; the list's start where it is absent. */
  cursor: z.string().min(1).optional(),
  limit: z.int().min(1).max(most).default(usual),
});

/** A part of a list, with how long that is in all and where the next part begins: null where there is none. */
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.strictObject({ items: z.array(item), total: z.int(), next: z.string().nullable() });
