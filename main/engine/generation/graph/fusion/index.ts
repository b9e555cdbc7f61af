import type { Graph } from '../../../graph/graph.ts';
import { rewrite } from '../../../graph/rewrite.ts';
import { addNorms } from './add-norms.ts';
import { joinHeads } from './join-heads.ts';
import { joinProducts } from './join-products.ts';
import { joinRotations } from './join-rotations.ts';
import { mergeTwins } from './merge-twins.ts';
import { splitSlices } from './split-slices.ts';

/**
 * The same computation in fewer nodes. For a single token each node costs some microseconds beside what it computes, since the weights
 * that go by leave nothing in the processor's caches (docs/generation.md).
 */
export const withFewerNodes = (graph: Graph): Graph =>
  rewrite(graph, [mergeTwins, joinProducts, joinHeads, joinRotations, splitSlices, addNorms]);
