import type { Graph, Value } from './graph.ts';

const typed = ({ id, dataType, shape }: Value): string => `%${id}: ${dataType}[${shape.join(', ')}]`;

const attributeText = (attributes: object): string => {
  const entries = Object.entries(attributes).filter(([, value]) => value !== false);
  return entries.length === 0
    ? ''
    : ` {${entries.map(([name, value]) => `${name}: ${JSON.stringify(value)}`).join(', ')}}`;
};

/** The graph as text, one line per value or node: for reading and for snapshots of small graphs. */
export const dump = (graph: Graph): string =>
  [
    ...graph.inputs.map(({ name, value }) => `input ${name} = ${typed(value)}`),
    ...graph.initializers.map(({ name, value }) => `initializer ${name} = ${typed(value)}`),
    ...graph.nodes.map(
      ({ operator, inputs, attributes, outputs }) =>
        `${outputs.map(typed).join(', ')} = ${operator}(${inputs.map(({ id }) => `%${id}`).join(', ')})${attributeText(attributes)}`,
    ),
    ...graph.outputs.map(({ name, value }) => `output ${name} = %${value.id}`),
  ].join('\n');
