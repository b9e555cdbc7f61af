import type { Node, NodeOf, Value } from '../../../graph/graph.ts';
import type { Rewriting } from '../../../graph/rewrite.ts';

type Slice = NodeOf<'slice'>;

/** Slices that together are the whole value become splits of it: a node less, and no starts and ends to be read. */
export const splitSlices: Rewriting = (graph, { users }) => {
  const groups = new Map<Node, readonly Slice[]>();
  for (const whole of graph.nodes.flatMap(({ outputs }) => outputs)) {
    const slices = users(whole).filter((node): node is Slice => node.operator === 'slice');
    const sorted = slices.toSorted((a, b) => Number(a.attributes.start) - Number(b.attributes.start));
    if (sorted.length > 1 && areWhole(sorted, whole)) for (const slice of sorted) groups.set(slice, sorted);
  }
  const made = new Map<Node, Value>();
  return (node, { g, now }) => {
    const group = groups.get(node);
    if (!group) return undefined;
    if (!made.has(node)) {
      let rest = now(node.inputs[0] as Value);
      for (const slice of group.slice(0, -1)) {
        const { axis, start, end } = slice.attributes;
        const { before, from } = g.apply('split', { x: rest }, { axis, at: Number(end) - Number(start) });
        made.set(slice, before);
        rest = from;
      }
      made.set(group.at(-1)!, rest);
    }
    return [made.get(node)!];
  };
};

const areWhole = (slices: readonly Slice[], whole: Value): boolean => {
  const { axis } = slices[0]!.attributes;
  const ends = [0, ...slices.map(({ attributes }) => attributes.end)];
  return (
    slices.every(({ attributes }, at) => attributes.axis === axis && attributes.start === ends[at]) &&
    ends.at(-1) === whole.shape[axis]
  );
};
