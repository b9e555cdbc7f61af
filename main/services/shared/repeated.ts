/** Places of the values that stand in the list a second time. */
export const repeated = (values: readonly (string | number)[]): number[] =>
  [...values.keys()].filter((index) => values.indexOf(values[index]!) < index);
