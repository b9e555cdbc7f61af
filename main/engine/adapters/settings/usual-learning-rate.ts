import { methods } from '../methods/index.ts';
import type { AdapterMethod } from './adapter-settings.ts';

/** Parameters of the models that a method's rates are given for. */
const sizes = { millions: 2e6, billions: 7e9 } as const;

/**
 * The rate that a method is first tried at on a model of so many parameters: between the two that are known, evenly in both logarithms,
 * and to one digit, as no more of it is known.
 */
export const usualLearningRate = (method: AdapterMethod, parameters: number): number => {
  const { millions, billions } = methods[method].learningRate;
  const size = Math.min(sizes.billions, Math.max(sizes.millions, parameters));
  const share = Math.log(size / sizes.millions) / Math.log(sizes.billions / sizes.millions);
  return Number((millions * (billions / millions) ** share).toPrecision(1));
};
