import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/graph.ts';

/**
 * What stays in memory for the backward pass. 'fast' keeps what a matrix product made and computes the rest again, which costs
 * little; 'low' keeps the boundaries of layers only, and computes each layer a second time.
 */
export const memoryModes = ['fast', 'low'] as const;
export type MemoryMode = (typeof memoryModes)[number];

export const keptBy =
  ({ costs }: GraphBuilder, memory: MemoryMode) =>
  (value: Value): boolean => {
    const cost = costs.get(value);
    return cost === 'always' || cost === 'boundary' || (cost === 'costly' && memory === 'fast');
  };
