/** Rows by what they hold. */
export interface ContentIndex<Row> {
  add(content: string, row: Row): void;
  /** The rows that hold it, in the order in which they were added. */
  rowsWith(content: string): readonly Row[];
  /** Rows that hold the same, where there are several. */
  repeated(): (readonly Row[])[];
}

export const contentIndex = <Row>(): ContentIndex<Row> => {
  const rows = new Map<string, Row[]>();
  return {
    add: (content, row) => {
      const same = rows.get(content);
      if (same === undefined) rows.set(content, [row]);
      else same.push(row);
    },
    rowsWith: (content) => rows.get(content) ?? [],
    repeated: () => [...rows.values()].filter(({ length }) => length > 1),
  };
};
