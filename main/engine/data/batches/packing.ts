/**
 * First-fit packing: each item goes into the first row with room for it. Items keep their order within a row.
 * A tournament tree over the rows' free space finds that row in O(log n).
 * @param lengths each between 1 and capacity
 * @returns for each row the indices of its items
 */
export const packFirstFit = (lengths: readonly number[], capacity: number): number[][] => {
  let leaves = 1;
  while (leaves < lengths.length) leaves *= 2;
  // free[leaves + row] is the free space of a row, free[node] the larger of its two children; all rows start empty.
  const free = new Float64Array(2 * leaves).fill(capacity);
  const rows: number[][] = [];

  for (const [item, length] of lengths.entries()) {
    if (length > capacity)
      throw new RangeError(`item ${item} of length ${length} does not fit into ${capacity}`);
    let node = 1;
    while (node < leaves) node = free[2 * node]! >= length ? 2 * node : 2 * node + 1;
    const row = node - leaves;
    (rows[row] ??= []).push(item);
    free[node]! -= length;
    for (node >>= 1; node >= 1; node >>= 1) free[node] = Math.max(free[2 * node]!, free[2 * node + 1]!);
  }
  return rows;
};
