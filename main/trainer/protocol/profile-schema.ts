import { z } from 'zod';
import { directions } from '../../engine/graph/origin.ts';

/** What nodes of lowered graphs took of a step. */
const spent = {
  /** That ran, of the lowered graphs. */
  nodes: z.number(),
  seconds: z.number(),
  /** That they have to move at least: inputs and outputs of each node once. */
  bytes: z.number(),
};

/** What steps are spent on, means over those that count; rows and what is outside of nodes add up to the step. */
export const accountSchema = z.strictObject({
  steps: z.int(),
  stepSeconds: z.number(),
  rows: z
    .array(
      z.strictObject({
        /** Of the model, from the outside in; empty where nobody said. */
        part: z.string(),
        /** Or whose gradient it is. */
        operator: z.string(),
        direction: z.enum(directions),
        ...spent,
        /** In matrix products, two a term. */
        flops: z.number(),
      }),
    )
    .readonly(),
  kernels: z.array(z.strictObject({ kernel: z.string(), ...spent })).readonly(),
  outside: z.array(z.strictObject({ name: z.string(), seconds: z.number() })).readonly(),
});

/** What this machine does at most, in the engine's runtime and as many threads, measured in the same process. */
export const machineLimitsSchema = z.strictObject({
  bytesPerSecond: z.number(),
  /** fp32 products. */
  flopRate: z.number(),
});

export type MachineLimits = z.output<typeof machineLimitsSchema>;
