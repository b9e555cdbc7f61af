import type { Node, NodeOf, Value } from '../../../graph/graph.ts';
import type { Rewriting, Uses } from '../../../graph/rewrite.ts';

/** Columns of a product that are split into heads: reshaped to (batch x sequence x heads x width), and turned. */
interface Member {
  readonly slice: NodeOf<'slice'>;
  readonly reshape: NodeOf<'reshape'>;
  readonly turn: NodeOf<'transpose'>;
}

/** A product whose parts are each split into heads (q, k and v) is split into heads as a whole, of which each part takes its own. */
export const joinHeads: Rewriting = (graph, uses) => {
  const groups = new Map<Node, { readonly whole: Value; readonly members: readonly Member[] }>();
  for (const whole of graph.nodes.flatMap(({ outputs }) => outputs)) {
    const members = uses.users(whole).map((node) => memberOf(node, uses));
    if (members.length > 1 && members.every((member) => member !== undefined) && haveOneWidth(members))
      for (const { turn } of members) groups.set(turn, { whole, members });
  }
  const made = new Map<Node, Value>();
  return (node, { g, now }) => {
    const group = groups.get(node);
    if (!group) return undefined;
    if (!made.has(node)) {
      const { whole, members } = group;
      const [{ turn, reshape }] = members as [Member];
      const [batch, sequence, , width] = reshape.attributes.shape as [string, string, number, number];
      const heads = (whole.shape[1] as number) / width;
      const split = g.reshape(now(whole), [batch, sequence, heads, width]);
      const turned = g.transpose(split, turn.attributes.permutation);
      for (const { slice, turn } of members) {
        const [start, end] = [slice.attributes.start, slice.attributes.end].map((at) => Number(at) / width);
        made.set(turn, g.slice(turned, 1, start!, end!));
      }
    }
    return [made.get(node)!];
  };
};

const memberOf = (slice: Node, { onlyUser }: Uses): Member | undefined => {
  if (slice.operator !== 'slice' || slice.attributes.axis !== 1) return undefined;
  const reshape = onlyUser(slice.outputs[0] as Value);
  if (reshape?.operator !== 'reshape' || reshape.attributes.shape.length !== 4) return undefined;
  const turn = onlyUser(reshape.outputs[0] as Value);
  const isTurn = turn?.operator === 'transpose' && turn.attributes.permutation.join() === '0,2,1,3';
  return isTurn ? { slice, reshape, turn } : undefined;
};

/** Each part begins where a head does. */
const haveOneWidth = (members: readonly Member[]): members is readonly Member[] => {
  const width = Number(members[0]!.reshape.attributes.shape[3]);
  return members.every(
    ({ slice, reshape }) =>
      reshape.attributes.shape[3] === width &&
      [slice.attributes.start, slice.attributes.end].every((at) => Number(at) % width === 0),
  );
};
