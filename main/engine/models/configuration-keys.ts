import { z } from 'zod';

/** A size of a model. None is near the bound, which keeps products of two in whole numbers. */
export const count = z
  .int()
  .positive()
  .max(2 ** 26);

/** The deepest published decoders have 130; each layer's names, shapes and graph are made before a weight is read. */
export const layerCount = count.max(2000);

export const epsilon = z.number().positive();

/** Dropout is no part of adapting a model: a rate is read past, since evaluation and these runs are without it. */
export const dropoutRate = z.number().optional();

const layerKeys = new Set(['num_hidden_layers', 'n_layer']);

/** Sizes that a config.json may leave out, each with what transformers (5.24) takes for it. */
export const usually = <Name extends string>(
  sizes: Readonly<Record<Name, number>>,
): Record<Name, z.ZodDefault<typeof count>> =>
  Object.fromEntries(
    Object.entries<number>(sizes).map(([name, size]) => [
      name,
      (layerKeys.has(name) ? layerCount : count).default(size),
    ]),
  ) as Record<Name, z.ZodDefault<typeof count>>;
