import { sameShape } from '../dimension.ts';
import type { IdentitySignatures } from '../signatures.ts';
import type { OperatorEntries } from './entry.ts';
import { requireFit, requireType } from './type-checks.ts';

const kept = { attributes: [], outputs: ['y'], flops: 'none' } as const;

export const identity: OperatorEntries<IdentitySignatures> = {
  detach: {
    ...kept,
    inputs: ['x'],
    types: ({ x: { dataType, shape } }) => ({ dataType, shape }),
    gradient: 'none',
    memory: {},
  },
  after: {
    ...kept,
    inputs: ['x', '...awaited'],
    types: ({ x: { dataType, shape } }) => ({ dataType, shape }),
    gradient: ({ inputs: { awaited }, gradient }) => ({
      x: gradient,
      awaited: awaited.map(() => undefined),
    }),
    memory: { alias: 'x' },
  },
  knownGradient: {
    ...kept,
    inputs: ['y', 'x', 'slope'],
    types: ({ y, x, slope }) => {
      requireType('float32', y, x, slope);
      const fits = sameShape(x.shape, slope.shape) && sameShape(y.shape, x.shape.slice(0, 1));
      requireFit(fits, y, x, slope);
      return { dataType: 'float32', shape: y.shape };
    },
    gradient: ({ g, inputs: { slope }, gradient }) => ({
      y: undefined,
      x: g.multiply(slope, g.reshape(gradient, [...gradient.shape, 1])),
      slope: undefined,
    }),
    memory: { alias: 'y' },
  },
};
