import { differentiate } from '../../autodiff/differentiate.ts';
import { createGraphBuilder } from '../../graph/create-graph-builder.ts';
import type { Dimension } from '../../graph/dimension.ts';
import type { GraphBuilder } from '../../graph/builder.ts';
import type { Graph, Value } from '../../graph/graph.ts';
import type { ForwardResult } from '../../models/architecture.ts';
import type { Comparison } from '../../objectives/objective.ts';

/** Names of what is compared, and of the gradient by it, among a graph's inputs and outputs. */
export const comparedNames = (name: string): { readonly rows: string; readonly slope: string } => ({
  rows: `compared:${name}`,
  slope: `slope:${name}`,
});

/** What of a micro-batch is compared, by the names of outputs. */
export const comparedRows = (
  { rows }: Pick<Comparison, 'rows'>,
  forward: ForwardResult,
): Record<string, Value> =>
  Object.fromEntries(Object.entries(rows(forward)).map(([name, value]) => [comparedNames(name).rows, value]));

/**
 * The step's loss on what is compared of all its micro-batches. Inputs: those rows, loss_scale, the comparison's targets. Outputs: loss (1),
 * scaled, and the gradient by each input of rows.
 */
export const comparisonGraph = (comparison: Comparison, compared: Graph): Graph => {
  const g = createGraphBuilder();
  const names = Object.keys(comparison.extents);
  const rows = new Map(
    names.map((name) => {
      const output = compared.outputs.find((one) => one.name === comparedNames(name).rows)!;
      const width = output.value.shape[1] as Dimension;
      return [name, g.input(output.name, 'float32', [comparison.extents[name]!, width])];
    }),
  );
  const loss = g.within('loss', () =>
    g.multiply(comparison.loss(g, Object.fromEntries(rows)), g.input('loss_scale', 'float32', [])),
  );
  const slopes = differentiate(g, loss, [...rows.values()]);
  return g.build({
    ...Object.fromEntries(names.map((name, at) => [comparedNames(name).slope, slopes[at]!])),
    loss,
  });
};

/**
 * A scalar whose gradient is the step's, for one micro-batch: what is compared of it times the gradient of the step's loss by that, which
 * the graph takes as inputs.
 */
export const slopedLoss = (
  g: GraphBuilder,
  { rows }: Pick<Comparison, 'rows'>,
  forward: ForwardResult,
): Value =>
  Object.entries(rows(forward))
    .map(([name, value]) => {
      const slope = g.input(comparedNames(name).slope, 'float32', value.shape);
      return g.sum(g.multiply(value, slope), [0, 1]);
    })
    .reduce((a, b) => g.add(a, b));
