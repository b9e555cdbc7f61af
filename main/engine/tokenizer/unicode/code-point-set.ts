import tables from './tables.json' with { type: 'json' };

/** Ranges of code points, both ends included, ascending. */
export type CodePointRanges = readonly (readonly [first: number, last: number])[];

/** A set of code points that answers in constant time. */
export type CodePointSet = (codePoint: number) => boolean;

const codePointCount = 0x110000;

/**
 * Sets are written as pairs of numbers in base 36: from the end of the range before to the start of this one, and from its
 * start to its end.
 */
export const decodeRanges = (encoded: string): CodePointRanges => {
  if (encoded === '') return [];
  const numbers = encoded.split(' ').map((digits) => Number.parseInt(digits, 36));
  const ranges: [number, number][] = [];
  let end = 0;
  for (let at = 0; at < numbers.length; at += 2) {
    const first = end + numbers[at]!;
    end = first + numbers[at + 1]!;
    ranges.push([first, end]);
  }
  return ranges;
};

export const codePointSet = (ranges: CodePointRanges): CodePointSet => {
  const bits = new Uint8Array(codePointCount >> 3);
  for (const [first, last] of ranges)
    for (let codePoint = first; codePoint <= last; codePoint++) bits[codePoint >> 3]! |= 1 << (codePoint & 7);
  return (codePoint) => ((bits[codePoint >> 3]! >> (codePoint & 7)) & 1) === 1;
};

type TableName = Exclude<keyof typeof tables, 'categories' | 'combiningClasses'>;

export const tableRanges = (name: TableName): CodePointRanges => decodeRanges(tables[name]);

/** One of the tables as a set, read when it is first asked. */
export const lazySet = (name: TableName): CodePointSet => {
  let set: CodePointSet | undefined;
  return (codePoint) => (set ??= codePointSet(tableRanges(name)))(codePoint);
};
