import type { Graph, Initializer, Node, NodeOf, Value } from '../../../graph/graph.ts';
import { joinedOrigin } from '../../../graph/origin.ts';
import type { Rewriting } from '../../../graph/rewrite.ts';

type Product = NodeOf<'bitMatmul'> | NodeOf<'matmul'>;

/** A product of one matrix of weights, or of its levels and scales, with their places in a file. */
interface Member {
  readonly node: Product;
  readonly parts: readonly Initializer[];
  readonly rows: number;
}

/**
 * Products of one value by weights that lie side by side in a file become one product, of which each takes its columns: where there is a
 * row or few, starting a product costs as much as a small one. Weights of q, k and v are written side by side for this
 * (`decoding-base.ts`); what lies so by chance is taken too.
 */
export const joinProducts: Rewriting = (graph) => {
  const groups = new Map<Node, readonly Member[]>();
  for (const group of neighbours(productsOf(graph))) for (const { node } of group) groups.set(node, group);
  const made = new Map<Node, Value>();
  return (node, { g, now }) => {
    const group = groups.get(node);
    if (!group) return undefined;
    if (!made.has(node)) {
      const [x] = node.inputs as [Value];
      const rows = group.reduce((sum, member) => sum + member.rows, 0);
      const parts = group[0]!.parts.map((_, part) => {
        const all = group.map(({ parts }) => parts[part]!);
        const [first] = all as [Initializer];
        const length = all.reduce((sum, one) => sum + placeOf(one)!.length, 0);
        const { dataType, shape } = first.value;
        return g.initializer(all.map(({ name }) => name).join('+'), dataType, shape.with(0, rows), {
          ...placeOf(first)!,
          length,
        });
      });
      g.from(joinedOrigin(group.map((member) => member.node.origin)), () => {
        const [product] = g.repeat(node, [now(x), ...parts]) as [Value];
        let start = 0;
        for (const member of group) made.set(member.node, g.slice(product, 1, start, (start += member.rows)));
      });
    }
    return [made.get(node)!];
  };
};

const placeOf = ({ source }: Initializer) => (source.kind === 'file' ? source : undefined);

/** Products whose weights are whole matrices in a file, by what has to be alike for them to be one. */
const productsOf = ({ nodes, initializers }: Graph): Member[][] => {
  const stored = new Map(initializers.map((one) => [one.value, one]));
  const alike = new Map<string, Member[]>();
  for (const node of nodes) {
    if (node.operator !== 'bitMatmul' && node.operator !== 'matmul') continue;
    if (node.operator === 'matmul' && (node.attributes.transposeA || !node.attributes.transposeB)) continue;
    const [x, ...weights] = node.inputs as [Value, ...Value[]];
    const parts = weights.flatMap((weight) => stored.get(weight) ?? []);
    if (x.shape.length !== 2 || parts.length < weights.length || !parts.every(placeOf)) continue;
    const { value } = parts[0]!;
    const key = JSON.stringify([x.id, node.operator, node.attributes, value.dataType, value.shape.slice(1)]);
    alike.set(key, [...(alike.get(key) ?? []), { node, parts, rows: value.shape[0] as number }]);
  }
  return [...alike.values()];
};

/** Those whose weights follow each other, two at least. */
const neighbours = (groups: readonly Member[][]): Member[][] =>
  groups
    .flatMap((members) => {
      const sorted = members.toSorted((a, b) => placeOf(a.parts[0]!)!.offset - placeOf(b.parts[0]!)!.offset);
      return sorted.reduce<Member[][]>((runs, member) => {
        const run = runs.at(-1);
        if (run && follows(member, run.at(-1)!)) run.push(member);
        else runs.push([member]);
        return runs;
      }, []);
    })
    .filter(({ length }) => length > 1);

const follows = ({ parts }: Member, before: Member): boolean =>
  parts.every((part, at) => {
    const [own, last] = [placeOf(part)!, placeOf(before.parts[at]!)!];
    return own.file === last.file && own.offset === last.offset + last.length;
  });
