import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createGraphBuilder } from '../../../main/engine/graph/create-graph-builder.ts';
import { matmulFlops } from '../../../main/engine/graph/flops.ts';
import { openModel } from '../../../main/engine/models/model.ts';
import { writeRandomModel } from '../../../main/engine/models/weights/random-weights.ts';
import { modelShapes } from '../../../main/engine/models/shapes.ts';
import { gradientGraph, logitsGraph } from '../../../main/engine/train/model/loss-graph.ts';
import { trainedLayout } from '../../../main/engine/train/model/trained-model.ts';

describe('operations of matrix products', () => {
  const extents = { batch: 2, sequence: 3, labels: 5 };

  it.each([
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ])('are two a term, whichever operand is transposed (%s, %s)', (transposeA, transposeB) => {
    const g = createGraphBuilder();
    const a = g.input('a', 'float32', transposeA ? ['batch', 4, 'sequence'] : ['batch', 'sequence', 4]);
    const b = g.input('b', 'float32', transposeB ? [7, 4] : [4, 7]);
    const graph = g.build({ y: g.silu(g.matmul(a, b, { transposeA, transposeB }), 1) });
    expect(matmulFlops(graph, extents)).toBe(2 * (2 * 3) * 4 * 7);
  });

  it('count leading axes that only one operand has', () => {
    const g = createGraphBuilder();
    const a = g.input('a', 'float32', [3, 1, 4, 5]);
    const b = g.input('b', 'float32', ['batch', 5, 6]);
    expect(matmulFlops(g.build({ y: g.matmul(a, b) }), extents)).toBe(2 * (3 * 2) * 4 * 5 * 6);
  });

  it('of a Llama are those that its configuration gives', () => {
    const directory = mkdtempSync(join(tmpdir(), 'nora-flops-'));
    try {
      const config = modelShapes['tiny'] as Record<string, number>;
      writeRandomModel({ directory, config, dtype: 'F32', seed: 1 });
      const trained = { model: openModel(directory), adapter: null, trainedWeights: [] };
      const [batch, sequence, labels] = [2, 16, 6];
      const [hidden, wide, vocabulary] = [64, 128, 512];
      // q and o are square; k and v have half as many heads; three matrices of the feed-forward; scores and their use.
      const perToken = 2 * (2 * hidden ** 2 + (2 * (hidden * hidden)) / 2 + 3 * hidden * wide);
      const attention = 2 * 2 * sequence * hidden;
      const forward = batch * sequence * config['num_hidden_layers']! * (perToken + attention);
      const layout = trainedLayout(trained);
      const logits = logitsGraph(trained, layout, sequence);
      expect(matmulFlops(logits, { batch, sequence })).toBe(
        forward + 2 * batch * sequence * hidden * vocabulary,
      );

      // Training one matrix of the first layer: the head both ways, and every other product at most three times.
      const first = { ...trained, trainedWeights: ['model.layers.0.self_attn.q_proj.weight'] };
      const options = { positions: sequence, labels, memory: 'fast' as const };
      const step = matmulFlops(gradientGraph(first, options), {
        batch,
        sequence,
        'labels:0': labels,
      });
      const head = 2 * labels * hidden * vocabulary;
      expect(step).toBeGreaterThan(1.5 * forward + 2 * head);
      expect(step).toBeLessThan(3 * forward + 2 * head);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

describe('operations of convolutions', () => {
  it('are two for each entry of the kernels at each place, both ways', () => {
    const g = createGraphBuilder();
    const x = g.input('x', 'float32', ['images', 4, '8*rows', 8]);
    const w = g.input('w', 'float32', [6, 4, 3, 3]);
    const kernel = { stride: 2, padding: 1 };
    const y = g.convolution(x, w, kernel);
    const byInput = g.convolutionByInput(y, w, { ...kernel, size: ['8*rows', 8] });
    const byWeight = g.convolutionByWeight(x, y, { ...kernel, size: [3, 3] });
    const once = 2 * (3 * 6 * 8 * 4) * (4 * 3 * 3);
    const extents = { images: 3, rows: 2 };
    expect(matmulFlops(g.build({ y }), extents)).toBe(once);
    expect(matmulFlops(g.build({ byInput, byWeight }), extents)).toBe(3 * once);
  });
});
