import { sameShape } from './dimension.ts';
import type { Graph, Value } from './graph.ts';
import { inferTypes } from './infer-types.ts';

/**
 * Returns the graph after checking that every value is defined once and before its use, that every node's outputs have the
 * types its shape rule gives, and that names are unique. A violation is a defect of the engine: a plain Error.
 */
export const verify = (graph: Graph): Graph => {
  const defined = new Set<Value>();
  const define = (value: Value, where: string): void => {
    if (defined.has(value)) throw new Error(`${where}: value ${value.id} is defined twice`);
    defined.add(value);
  };
  const names = new Set<string>();
  for (const { name, value } of [...graph.inputs, ...graph.initializers]) {
    if (names.has(name)) throw new Error(`the name ${name} occurs twice`);
    names.add(name);
    define(value, name);
  }
  graph.nodes.forEach((node, index) => {
    const where = `node ${index} (${node.operator})`;
    for (const input of node.inputs)
      if (!defined.has(input)) throw new Error(`${where}: input ${input.id} is not defined before`);
    const types = inferTypes(node.operator, node.inputs, node.attributes);
    if (types.length !== node.outputs.length)
      throw new Error(`${where}: has ${node.outputs.length} outputs, not ${types.length}`);
    node.outputs.forEach((output, at) => {
      const type = types[at];
      if (!type || type.dataType !== output.dataType || !sameShape(type.shape, output.shape))
        throw new Error(`${where}: output ${at} has another type than its rule gives`);
      define(output, where);
    });
  });
  for (const { name, value } of graph.outputs)
    if (!defined.has(value)) throw new Error(`output ${name} is not defined`);
  return graph;
};
