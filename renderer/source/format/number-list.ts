import { formatPlain } from './number.ts';

/** Numbers as a person types them: `0, 1, 2`. What is none is NaN. */
export const readNumbers = (text: string): number[] =>
  text
    .split(/[\s,;]+/)
    .filter((part) => part !== '')
    .map(Number);

export const writeNumbers = (numbers: readonly number[]): string => numbers.map(formatPlain).join(', ');
