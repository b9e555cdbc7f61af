import type { OperatorName } from './signatures.ts';

/** When a node is at work: on the way to the loss, on it a second time for the sake of a gradient, or on the way back. */
export const directions = ['forward', 'recomputed', 'backward'] as const;
export type Direction = (typeof directions)[number];

/** Why a node is in a graph. Nothing that is computed depends on it: it is for those who ask what a computation is spent on. */
export interface Origin {
  /** Parts of the model from the outside in, joined by '/': 'pictures/q_proj/adapter'; empty where nobody said. */
  readonly part: string;
  readonly direction: Direction;
  /** Whose gradient it is a piece of; absent of a node that stands for itself. */
  readonly of?: OperatorName;
}

export const unknownOrigin: Origin = { part: '', direction: 'forward' };

/** A part within another; within itself it is the same. */
export const partWithin = (outer: string, inner: string): string => {
  if (outer === '') return inner;
  return outer === inner || outer.endsWith(`/${inner}`) ? outer : `${outer}/${inner}`;
};

/** Of a node that stands for several: their parts, each once. */
export const joinedOrigin = (origins: readonly Origin[]): Origin => ({
  ...(origins[0] ?? unknownOrigin),
  part: [...new Set(origins.map(({ part }) => part))].join('+'),
});
