import type { GraphBuilder } from './builder.ts';
import { createGraphBuilder } from './create-graph-builder.ts';
import type { Graph, Node, Value } from './graph.ts';

/** A graph as it is made anew. */
export interface Remade {
  readonly g: GraphBuilder;
  /** What a value of the old graph has become; those of nodes that come later are not there yet. */
  readonly now: (old: Value) => Value;
}

/** What a node's outputs become; undefined where it stays as it is. */
export type NodeRule = (node: Node, remade: Remade) => readonly Value[] | undefined;

/** Looks at a graph and says how its nodes are to be made anew, asked of each in their order. */
export type Rewriting = (graph: Graph, uses: Uses) => NodeRule;

/** Who makes and who takes the values of a graph. */
export interface Uses {
  readonly producer: (value: Value) => Node | undefined;
  /** In their order, each as often as it takes the value. */
  readonly users: (value: Value) => readonly Node[];
  /** The only user of a value that is no output of the graph. */
  readonly onlyUser: (value: Value) => Node | undefined;
}

const usesOf = ({ nodes, outputs }: Graph): Uses => {
  const producers = new Map<Value, Node>();
  const users = new Map<Value, Node[]>();
  for (const node of nodes) {
    for (const output of node.outputs) producers.set(output, node);
    for (const input of node.inputs) users.set(input, [...(users.get(input) ?? []), node]);
  }
  const given = new Set(outputs.map(({ value }) => value));
  const of = (value: Value): readonly Node[] => users.get(value) ?? [];
  return {
    producer: (value) => producers.get(value),
    users: of,
    onlyUser: (value) => (of(value).length === 1 && !given.has(value) ? of(value)[0] : undefined),
  };
};

/** The graph made anew by one rewriting after the other: what nobody needs any more is gone, and types are checked as in any graph. */
export const rewrite = (graph: Graph, rewritings: readonly Rewriting[]): Graph =>
  rewritings.reduce((from, rewriting) => {
    const rule = rewriting(from, usesOf(from));
    const g = createGraphBuilder();
    const values = new Map<Value, Value>();
    const now = (old: Value): Value => values.get(old)!;
    for (const { name, value } of from.inputs) values.set(value, g.input(name, value.dataType, value.shape));
    for (const { name, value, source } of from.initializers)
      values.set(value, g.initializer(name, value.dataType, value.shape, source));
    for (const node of from.nodes) {
      const made = g.from(node.origin, () => rule(node, { g, now }) ?? g.repeat(node, node.inputs.map(now)));
      node.outputs.forEach((output, at) => values.set(output, made[at]!));
    }
    return g.build(Object.fromEntries(from.outputs.map(({ name, value }) => [name, now(value)])));
  }, graph);
