import type { Value } from '../../graph/graph.ts';
import type { IdentitySignatures } from '../../graph/signatures.ts';
import { waitFor } from '../emitter.ts';
import type { LoweringContext, LoweringRules } from '../rule.ts';

/**
 * A view of x by a reshape whose shape ends in a piece of the others' shapes that is empty: nothing is copied, and it cannot be
 * made before they are. (The compiler would see through this; its passes are off.)
 */
const viewAfter = (
  context: Pick<LoweringContext<'after'>, 'emit' | 'integers' | 'extents'>,
  x: string,
  { shape }: Value,
  awaited: readonly string[],
): string => context.emit('Reshape', [x, waitFor(context, context.extents(shape), awaited)]);

export const identity: LoweringRules<IdentitySignatures> = {
  detach: ({ emit, inputs: { x } }) => emit('Identity', [x]),
  after: (context) => {
    const { x, awaited } = context.inputs;
    return viewAfter(context, x, context.values.inputs.x, awaited);
  },
  knownGradient: (context) => {
    const { y, slope } = context.inputs;
    return viewAfter(context, y, context.values.inputs.y, [slope]);
  },
};
