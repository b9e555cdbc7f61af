import { createGraphBuilder } from '../../../main/engine/graph/create-graph-builder.ts';
import { dump } from '../../../main/engine/graph/dump.ts';
import { buildForward, type Model } from '../../../main/engine/models/model.ts';

/** A model's forward graph as text, with the numbers of its constants. */
export const graphOf = (model: Model): string => {
  const g = createGraphBuilder();
  const { hidden, head } = buildForward(g, model, { positions: 16 });
  const graph = g.build({ logits: head.logits(hidden) });
  const constants = graph.initializers.flatMap(({ name, source }) =>
    source.kind === 'inline' ? [`${name} = ${source.data.join()}`] : [],
  );
  return [dump(graph), ...constants].join('\n');
};
