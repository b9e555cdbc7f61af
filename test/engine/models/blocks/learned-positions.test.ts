import { expect, it } from 'vitest';
import { createGraphBuilder } from '../../../../main/engine/graph/create-graph-builder.ts';
import { learnedPositions } from '../../../../main/engine/models/blocks/learned-positions.ts';
import { tokenInputs } from '../../../../main/engine/models/model.ts';
import { numbers, rows, runOnRows } from './tokens.ts';

const width = 3;

it.each([0, 2])(
  'gives each token the vector of its position, after %i rows that stand for none',
  async (skipped) => {
    const table = numbers('table', 10 * width);
    const g = createGraphBuilder();
    const context = {
      g,
      tokens: tokenInputs(g),
      past: null,
      everyRow: false,
      positions: 8,
      weight: () => expect.unreachable(),
      linear: () => expect.unreachable(),
      linearColumns: () => expect.unreachable(),
      convolution: () => expect.unreachable(),
      embedded: () => expect.unreachable(),
      isFrozen: () => true,
      frozenWeight: () => undefined,
      embedding: ({ module }: { readonly module: string }, indices: Parameters<typeof g.gatherRows>[1]) =>
        g.gatherRows(g.constant(module, [10, width], table), indices),
    };
    const places = learnedPositions(context, 'positions', { rows: 10, width, skipped });
    const { places: own } = await runOnRows(g.build({ places }));
    const expected = rows.flatMap(({ positions }) =>
      positions.flatMap((position) => [...table.slice((position + skipped) * width).slice(0, width)]),
    );
    expect([...own!]).toEqual(expected);
  },
);
