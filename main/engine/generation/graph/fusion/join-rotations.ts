import type { Node, NodeOf, Value } from '../../../graph/graph.ts';
import type { Rewriting } from '../../../graph/rewrite.ts';

interface Member {
  readonly node: NodeOf<'rotary'>;
  readonly start: number;
  readonly end: number;
}

/** Heads of one value that are turned by the same angles, and lie side by side (those of q and k), are turned together. */
export const joinRotations: Rewriting = (graph, { producer }) => {
  const alike = new Map<string, { readonly whole: Value; readonly members: Member[] }>();
  for (const node of graph.nodes) {
    if (node.operator !== 'rotary') continue;
    const [x, ...angles] = node.inputs as [Value, ...Value[]];
    const slice = producer(x);
    if (slice?.operator !== 'slice' || slice.attributes.axis !== 1) continue;
    const [whole] = slice.inputs as [Value];
    const key = [whole, ...angles].map(({ id }) => id).join();
    const { members } = alike.get(key) ?? { members: [] };
    const { start, end } = slice.attributes;
    alike.set(key, { whole, members: [...members, { node, start: Number(start), end: Number(end) }] });
  }
  const groups = [...alike.values()].flatMap(({ whole, members }) => {
    const sorted = members.toSorted((a, b) => a.start - b.start);
    const areNeighbours = sorted.every(({ start }, at) => at === 0 || start === sorted[at - 1]!.end);
    return sorted.length > 1 && areNeighbours ? [{ whole, members: sorted }] : [];
  });
  const groupOf = new Map<Node, (typeof groups)[number]>(
    groups.flatMap((group) => group.members.map(({ node }) => [node, group] as const)),
  );
  const made = new Map<Node, Value>();
  return (node, { g, now }) => {
    const group = groupOf.get(node);
    if (!group) return undefined;
    if (!made.has(node)) {
      const [first, end] = [group.members[0]!.start, group.members.at(-1)!.end];
      const [, ...angles] = node.inputs;
      const [turned] = g.repeat(node, [g.slice(now(group.whole), 1, first, end), ...angles.map(now)]) as [
        Value,
      ];
      for (const { node, start, end } of group.members)
        made.set(node, g.slice(turned, 1, start - first, end - first));
    }
    return [made.get(node)!];
  };
};
