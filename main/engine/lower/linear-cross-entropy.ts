import type { Dimension } from '../graph/dimension.ts';
import type { Value } from '../graph/graph.ts';
import { emitter, waitFor } from './emitter.ts';
import type { LoweringContext } from './lowering-rules.ts';
import type { OnnxNode } from './onnx-model.ts';

/**
 * Chunk by chunk of rows, each waiting for the one before it: log p = log softmax(h head^T), loss = -log p[target], and by the
 * hidden row (p - onehot(target)) head = p head - head[target].
 */
export const lowerLinearCrossEntropy = (context: LoweringContext<'linearCrossEntropy'>): OnnxNode[] => {
  const { attributes, values, integers, outputs } = context;
  const [hidden, head, targets] = context.inputs as [string, string, string];
  const width = (values.inputs[0] as Value).shape[1] as Dimension;
  const chunks = Math.ceil(attributes.rows / attributes.chunk);
  const nodes: OnnxNode[] = [];
  const emit = emitter(context as LoweringContext<never>, nodes);
  const rows = (x: string, at: number): string =>
    chunks === 1
      ? x
      : emit('Slice', [
          x,
          integers([at * attributes.chunk]),
          integers([(at + 1) * attributes.chunk]),
          integers([0]),
        ]);

  const losses: string[] = [];
  const gradients: string[] = [];
  for (let at = 0; at < chunks; at++) {
    const before = [losses.at(-1), gradients.at(-1)].filter((value) => value !== undefined);
    const shape = waitFor(emit, integers([-1, Number(width)]), before, 0);
    const own = emit('Reshape', [rows(hidden, at), shape]);
    const target = rows(targets, at);
    const logits = emit('FusedMatMul', [own, head], { transA: 0n, transB: 1n });
    const logProbabilities = emit('LogSoftmax', [logits], { axis: -1n });
    const column = emit('Unsqueeze', [target, integers([1])]);
    const picked = emit('GatherElements', [logProbabilities, column], { axis: 1n });
    const loss = emit('Squeeze', [emit('Neg', [picked]), integers([1])]);
    if (!attributes.gradient) {
      losses.push(loss);
      continue;
    }
    const mean = emit('MatMul', [emit('Exp', [logProbabilities]), head]);
    const gradient = emit('Sub', [mean, emit('Gather', [head, target], { axis: 0n })]);
    gradients.push(gradient);
    // The losses alone must not ask for all chunks first: that would hold every chunk's probabilities.
    losses.push(emit('Reshape', [loss, waitFor(emit, integers([-1]), [gradient], 0)]));
  }
  const join = (parts: readonly string[], output: string): OnnxNode => ({
    type: 'Concat',
    inputs: parts,
    outputs: [output],
    attributes: { axis: 0n },
  });
  nodes.push(join(losses, outputs[0] as string));
  if (attributes.gradient) nodes.push(join(gradients, outputs[1] as string));
  return nodes;
};
