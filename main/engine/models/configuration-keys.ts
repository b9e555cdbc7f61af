import { z } from 'zod';

export const count = z.int().positive();

export const epsilon = z.number().positive();

/** Dropout is no part of adapting a model: a rate is read past, since evaluation and these runs are without it. */
export const dropoutRate = z.number().optional();

/** Sizes that a config.json may leave out, each with what transformers (5.24) takes for it. */
export const usually = <Name extends string>(
  sizes: Readonly<Record<Name, number>>,
): Record<Name, z.ZodDefault<typeof count>> =>
  Object.fromEntries(
    Object.entries<number>(sizes).map(([name, size]) => [name, count.default(size)]),
  ) as Record<Name, z.ZodDefault<typeof count>>;
