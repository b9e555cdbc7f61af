import { z } from 'zod';
import { layerRoles } from '../../engine/models/architecture.ts';
import { modelPartNames, siteTargets, siteUses } from '../../engine/models/model-part-names.ts';

/** Layers as `engine/models/architecture.ts` has them. Pure: it runs in a browser too. */
const size = { outFeatures: z.int(), inFeatures: z.int(), role: z.exactOptional(z.enum(layerRoles)) };

const sides = z.int().min(0);
const kernelSchema = z.strictObject({
  size: z.int(),
  stride: z.int(),
  padding: z.union([sides, z.tuple([sides, sides, sides, sides]).readonly()]),
});

/** Layers of one name and size. */
export const layerGroupSchema = z.strictObject({ name: z.string(), count: z.int(), ...size });

export const layerPlaceSchema = z.strictObject({
  module: z.string(),
  ...size,
  weight: z.exactOptional(z.string()),
});

export const linearLayerSchema = layerPlaceSchema.extend({
  bias: z.boolean(),
  stored: z.exactOptional(z.enum(['out-in', 'in-out'])),
  kernel: z.exactOptional(kernelSchema),
});

const range = z.tuple([z.int(), z.int()]).readonly();

/** A part of a model that draws, its sites by what they are for. */
export const modelPartSchema = z.strictObject({
  part: z.enum(modelPartNames),
  parameters: z.int(),
  sites: z
    .array(
      z.strictObject({
        use: z.enum(siteUses),
        target: z.enum(siteTargets),
        names: z.array(z.string()).readonly(),
        count: z.int(),
        outFeatures: range,
        inFeatures: range,
      }),
    )
    .readonly(),
});
