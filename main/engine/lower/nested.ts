import { typeNumber, type OnnxDataType, type OnnxNode } from './onnx-model.ts';

/** A value that a rule's nodes give. */
interface Result {
  readonly name: string;
  readonly dataType: OnnxDataType;
}

/** Operators of fewer nodes stay as they are: a graph of its own costs more than its planning saves. */
const fewNodes = 16;

/** A result that is another value under another shape stays outside: what comes out of a branch has memory of its own, it would be copied. */
const apartFromViews = (
  nodes: readonly OnnxNode[],
  results: readonly Result[],
): { readonly inner: readonly OnnxNode[]; readonly views: readonly OnnxNode[] } => {
  const made = new Set(nodes.flatMap(({ outputs }) => outputs));
  const used = new Set(nodes.flatMap(({ inputs }) => inputs));
  const isView = ({ type, inputs: [source = '', shape = ''], outputs: [output = ''] }: OnnxNode): boolean =>
    type === 'Reshape' &&
    made.has(source) &&
    !made.has(shape) &&
    !used.has(output) &&
    results.some(({ name }) => name === output);
  return { inner: nodes.filter((node) => !isView(node)), views: nodes.filter(isView) };
};

/**
 * The nodes of an operator as one node, which holds them: a condition that is always true. ONNX Runtime plans the memory of such a
 * graph by itself. Each value that needs memory is compared with every buffer that is free, so planning takes the square of the
 * nodes of a graph, and long rows, whose attention is of many tiles, took half a minute.
 * @param truth name of a scalar that is true
 */
export const nested = (
  nodes: readonly OnnxNode[],
  results: readonly Result[],
  truth: () => string,
): readonly OnnxNode[] => {
  if (nodes.length < fewNodes) return nodes;
  const { inner, views } = apartFromViews(nodes, results);
  const given = results.map(({ name, dataType }): Result => {
    const view = views.find(({ outputs }) => outputs[0] === name);
    return { name: view?.inputs[0] ?? name, dataType };
  });
  const within = (name: string): string =>
    given.some((result) => result.name === name) ? `${name} within` : name;
  const condition = truth();
  const branches = {
    then_branch: {
      nodes: inner.map((node) => ({
        ...node,
        inputs: node.inputs.map(within),
        outputs: node.outputs.map(within),
      })),
      outputs: given.map(({ name, dataType }) => ({ name: within(name), dataType })),
    },
    // Never run, but it has to be there and to give values of the same types.
    else_branch: {
      nodes: given.map(({ name, dataType }) => ({
        type: 'Cast',
        inputs: [condition],
        outputs: [`${name} instead`],
        attributes: { to: typeNumber(dataType) },
      })),
      outputs: given.map(({ name, dataType }) => ({ name: `${name} instead`, dataType })),
    },
  };
  const holder: OnnxNode = {
    type: 'If',
    inputs: [condition],
    outputs: given.map(({ name }) => name),
    attributes: {
      then_branch: { graph: branches.then_branch },
      else_branch: { graph: branches.else_branch },
    },
  };
  return [holder, ...views];
};
