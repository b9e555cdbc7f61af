/** What stands at a place of the table: a group's header, or a run by its place among all runs in their groups. */
export type Line = { readonly group: number } | { readonly run: number };

export interface Layout {
  readonly lines: number;
  /** Undefined beyond the end. */
  at(line: number): Line | undefined;
  /** Places of the runs that two lines and those between them show, both included, in pieces without a gap. */
  runsBetween(from: number, to: number): { offset: number; limit: number }[];
}

export const flatLayout = (runs: number): Layout => ({
  lines: runs,
  at: (line) => (line >= 0 && line < runs ? { run: line } : undefined),
  runsBetween: (from, to) => {
    const [first, last] = [Math.max(0, Math.min(from, to)), Math.min(runs - 1, Math.max(from, to))];
    return last < first ? [] : [{ offset: first, limit: last - first + 1 }];
  },
});

/** @param groups in their order; of one that is closed only the header is a line */
export const groupLayout = (groups: readonly { runs: number; isOpen: boolean }[]): Layout => {
  /** Of each group: the line of its header, and the place of its first run. */
  const headers: number[] = [];
  const firsts: number[] = [];
  let [lines, runs] = [0, 0];
  for (const group of groups) {
    headers.push(lines);
    firsts.push(runs);
    lines += 1 + (group.isOpen ? group.runs : 0);
    runs += group.runs;
  }
  /** The last whose header is not below the line. */
  const groupAt = (line: number): number => {
    let [low, high] = [0, headers.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (headers[middle]! <= line) low = middle;
      else high = middle - 1;
    }
    return low;
  };
  return {
    lines,
    at: (line) => {
      if (line < 0 || line >= lines) return undefined;
      const group = groupAt(line);
      const below = line - headers[group]!;
      return below === 0 ? { group } : { run: firsts[group]! + below - 1 };
    },
    runsBetween: (from, to) => {
      const [first, last] = [Math.max(0, Math.min(from, to)), Math.min(lines - 1, Math.max(from, to))];
      const pieces: { offset: number; limit: number }[] = [];
      for (let group = groupAt(first); group < groups.length && headers[group]! <= last; group++) {
        if (!groups[group]!.isOpen) continue;
        const start = Math.max(first, headers[group]! + 1);
        const end = Math.min(last, headers[group]! + groups[group]!.runs);
        if (end < start) continue;
        pieces.push({ offset: firsts[group]! + start - headers[group]! - 1, limit: end - start + 1 });
      }
      return pieces;
    },
  };
};
