import type { CostAnswer } from '../answer/comparison-answer.ts';

/** " (×0.42)" behind a cost that is not the first arm's. */
export const ratioText = ({ ratio }: CostAnswer['arms'][number]): string =>
  ratio === null || ratio === 1 ? '' : ` (×${Number(ratio.toPrecision(3))})`;
