import { createGraphBuilder } from '../graph/create-graph-builder.ts';
import type { Graph, NamedValue, Value } from '../graph/graph.ts';
import { createSession, type Feed, type SessionOptions } from './session.ts';

/** The module that a tensor belongs to, by its name; null for what is no module's. */
const moduleOf = (name: string): string | null => {
  const dot = name.lastIndexOf('.');
  return dot > 0 && !name.startsWith('scalar:') ? name.slice(0, dot) : null;
};

interface Probed {
  readonly graph: Graph;
  /** By the name of a probe: the module whose output it is. */
  readonly modules: ReadonlyMap<string, string>;
}

/**
 * The graph with, as its only outputs, a scalar for each node that computes with weights of a module: zero, or NaN where the node gave a
 * number that isn't finite (what is finite times zero is zero, and nothing else is).
 */
const withProbes = (
  { inputs, initializers, nodes }: Graph,
  isModule: (module: string) => boolean,
): Probed => {
  const g = createGraphBuilder();
  const values = new Map<Value, Value>();
  /** Of what is made of weights alone: whose weights. */
  const owner = new Map<Value, string>();
  const computed = new Set<Value>();
  const take = ({ name, value }: NamedValue, made: Value): void => {
    values.set(value, made);
    const module = moduleOf(name);
    if (module !== null && isModule(module)) owner.set(value, module);
  };
  for (const input of inputs) {
    take(input, g.input(input.name, input.value.dataType, input.value.shape));
    if (!owner.has(input.value)) computed.add(input.value);
  }
  for (const { name, value, source } of initializers)
    take({ name, value }, g.initializer(name, value.dataType, value.shape, source));
  const zero = g.constant('finite:zero', [], Float32Array.of(0));
  const probes: Record<string, Value> = {};
  const modules = new Map<string, string>();
  for (const node of nodes) {
    const made = g.repeat(
      node,
      node.inputs.map((input) => values.get(input)!),
    );
    node.outputs.forEach((output, at) => values.set(output, made[at]!));
    const module = node.inputs.map((input) => owner.get(input)).find((one) => one !== undefined);
    const isComputed = node.inputs.some((input) => computed.has(input));
    for (const output of node.outputs) {
      if (isComputed) computed.add(output);
      else if (module !== undefined) owner.set(output, module);
    }
    const [first] = made;
    if (!isComputed || module === undefined || first?.dataType !== 'float32') continue;
    const name = `finite:${modules.size}`;
    modules.set(name, module);
    probes[name] = g.sum(g.multiply(first, zero), [...first.shape.keys()]);
  }
  return { graph: g.build(probes), modules };
};

/**
 * The first module of a graph whose output isn't finite on these inputs, in the order of computation; null where all are. It compiles
 * the graph again and runs it once: for when a result has been found wanting.
 * @param isModule which names before a tensor's are a module's: tables that a graph brings along (of positions) have names, too
 */
export const firstNotFinite = async (
  graph: Graph,
  feeds: Readonly<Record<string, Feed>>,
  options: SessionOptions,
  isModule: (module: string) => boolean = () => true,
): Promise<string | null> => {
  const { graph: probed, modules } = withProbes(graph, isModule);
  if (modules.size === 0) return null;
  const session = await createSession(probed, options);
  try {
    const found = await session.run(feeds);
    const first = [...modules.keys()].find(
      (name) => !Number.isFinite((found[name]!.data as Float32Array)[0]!),
    );
    return first === undefined ? null : modules.get(first)!;
  } finally {
    await session.release();
  }
};
