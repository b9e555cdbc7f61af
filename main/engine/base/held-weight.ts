import type { Value } from '../graph/graph.ts';

/** A weight that is held as it is. */
export interface HeldWeight {
  /** (out x in), float32 or bfloat16 */
  readonly weight: Value;
  /** Whether products by it may round what they multiply to bfloat16: those by the base's other weights round to 8 bits. */
  readonly rounded: boolean;
}
