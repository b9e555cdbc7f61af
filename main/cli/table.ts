export interface Column<Row> {
  readonly title: string;
  readonly text: (row: Row) => string;
  /** Numbers stand to the right. */
  readonly isNumber?: boolean;
}

/** Rows under titles, in aligned columns two spaces apart. */
export const formatTable = <Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string => {
  const cells = [
    columns.map(({ title }) => title),
    ...rows.map((row) => columns.map(({ text }) => text(row))),
  ];
  const widths = columns.map((_, index) => Math.max(...cells.map((line) => line[index]?.length ?? 0)));
  const align = (text: string, index: number): string =>
    columns[index]?.isNumber === true ? text.padStart(widths[index] ?? 0) : text.padEnd(widths[index] ?? 0);
  return cells.map((line) => line.map(align).join('  ').trimEnd()).join('\n');
};

/** Names and values, one pair a line. */
export const formatFields = (fields: Readonly<Record<string, string | null>>): string => {
  const given = Object.entries(fields).filter((field): field is [string, string] => field[1] !== null);
  const width = Math.max(...given.map(([name]) => name.length));
  return given.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n');
};
