import type { Account, OperatorRow } from '../engine/runtime/profile/account.ts';
import type { MachineLimits } from '../trainer/protocol/profile-schema.ts';
import { secondsText } from './quantities.ts';
import { formatTable, type Column } from './table.ts';

/** How near a row is to what the machine can do, each as a share of 1. */
interface Nearness {
  readonly shareOfStep: number;
  readonly ofBandwidth: number;
  readonly ofFlopRate: number;
  /** Which of the two is nearer; null of a row that neither moves nor multiplies anything. */
  readonly limit: 'memory' | 'arithmetic' | null;
}

type Spent = Pick<OperatorRow, 'seconds' | 'bytes' | 'flops'>;

const nearness = (
  { seconds, bytes, flops }: Spent,
  { stepSeconds }: Pick<Account, 'stepSeconds'>,
  { bytesPerSecond, flopRate }: MachineLimits,
): Nearness => {
  const share = (least: number): number => (seconds > 0 ? least / seconds : 0);
  const [ofBandwidth, ofFlopRate] = [share(bytes / bytesPerSecond), share(flops / flopRate)];
  return {
    shareOfStep: seconds / stepSeconds,
    ofBandwidth,
    ofFlopRate,
    limit: bytes + flops === 0 ? null : ofBandwidth >= ofFlopRate ? 'memory' : 'arithmetic',
  };
};

/** Rows of a kind as one. */
const joined = <Row extends OperatorRow>(rows: readonly Row[], kind: (row: Row) => string): OperatorRow[] => {
  const kinds = new Map<string, OperatorRow>();
  for (const row of rows) {
    const { nodes, seconds, bytes, flops } = kinds.get(kind(row)) ?? {
      ...{ nodes: 0, seconds: 0, bytes: 0, flops: 0 },
    };
    kinds.set(kind(row), {
      ...row,
      nodes: nodes + row.nodes,
      seconds: seconds + row.seconds,
      bytes: bytes + row.bytes,
      flops: flops + row.flops,
    });
  }
  return [...kinds.values()].toSorted((a, b) => b.seconds - a.seconds);
};

/** By operator and direction, whatever the part. */
const byOperator = (rows: readonly OperatorRow[]): OperatorRow[] =>
  joined(rows, ({ operator, direction }) => `${operator} ${direction}`).map((row) => ({ ...row, part: '' }));

/** The account with what its rows are to the machine, for programs. */
export const profileDocument = (account: Account, limits: MachineLimits) => {
  const told = (row: OperatorRow) => ({ ...row, ...nearness(row, account, limits) });
  return {
    ...account,
    limits,
    operators: byOperator(account.rows).map(({ part: _, ...row }) => ({
      ...row,
      ...nearness(row, account, limits),
    })),
    rows: account.rows.map(told),
  };
};

/** Of a table that fits 120 columns. */
const widestPart = 18;
const cut = (text: string): string =>
  text.length <= widestPart ? text : `…${text.slice(text.length - widestPart + 1)}`;

const percent = (share: number): string => `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)}`;

interface Line extends Partial<Spent> {
  readonly part: string;
  readonly operator: string;
  readonly direction: string;
  readonly seconds: number;
}

const columnsFor = (
  account: Account,
  limits: MachineLimits,
  { withPart }: { readonly withPart: boolean },
): Column<Line>[] => {
  const rate = (amount: number | undefined, { seconds }: Line): number =>
    amount === undefined || seconds <= 0 ? 0 : amount / seconds / 1e9;
  const near = ({ seconds, bytes = 0, flops = 0 }: Line): Nearness =>
    nearness({ seconds, bytes, flops }, account, limits);
  const number = (title: string, text: (line: Line) => string): Column<Line> => ({
    title,
    text,
    isNumber: true,
  });
  const digits =
    account.stepSeconds < 0.5 ? { milliseconds: 2, gigabytes: 3 } : { milliseconds: 1, gigabytes: 2 };
  return [
    ...(withPart ? [{ title: 'part', text: ({ part }: Line) => cut(part) }] : []),
    { title: 'operator', text: ({ operator }) => operator },
    { title: 'direction', text: ({ direction }) => direction },
    number('ms', ({ seconds }) => (seconds * 1e3).toFixed(digits.milliseconds)),
    number('%', (line) => percent(near(line).shareOfStep)),
    number('GB', ({ bytes }) => (bytes ? (bytes / 1e9).toFixed(digits.gigabytes) : '')),
    number('GB/s', (line) => (line.bytes ? rate(line.bytes, line).toFixed(1) : '')),
    number('% of max', (line) => (line.bytes ? percent(near(line).ofBandwidth) : '')),
    number('GFLOP/s', (line) => (line.flops ? rate(line.flops, line).toFixed(0) : '')),
    number('% of max', (line) => (line.flops ? percent(near(line).ofFlopRate) : '')),
    { title: 'limit', text: (line) => near(line).limit ?? '' },
  ];
};

/** Rows below this share of a step are told together. */
const leastShare = 0.005;

const smallTogether = (rows: readonly OperatorRow[], { stepSeconds }: Account): Line[] => {
  const large = rows.filter(({ seconds }) => seconds >= leastShare * stepSeconds);
  const small = rows.filter((row) => !large.includes(row));
  const [together] = joined(small, () => '');
  if (!together) return large;
  return [...large, { ...together, part: '', operator: `${small.length} smaller rows`, direction: '' }];
};

/** A line for what is outside of nodes, and the sum of all. */
const rest = ({ outside, stepSeconds }: Account): Line[] => {
  const line = (operator: string, seconds: number): Line => ({ part: '', operator, direction: '', seconds });
  return [...outside.map(({ name, seconds }) => line(name, seconds)), line('together', stepSeconds)];
};

const quickestText = (steps: number): string =>
  steps === 1 ? 'the quickest' : `mean of the quickest ${steps}`;

export interface ProfileToTell {
  readonly account: Account;
  readonly limits: MachineLimits;
  /** What the quickest step takes when nobody watches. */
  readonly plainSeconds: number;
  /** What a step is called: 'token'. */
  readonly what: string;
}

/** The account as two tables, of operators and of operators in parts of the model, each of which adds up to the step. They fit 120 columns. */
export const profileText = ({ account, limits, plainSeconds, what }: ProfileToTell): string => {
  const tables = [
    { rows: smallTogether(byOperator(account.rows), account), withPart: false },
    { rows: smallTogether(account.rows, account), withPart: true },
  ].map(({ rows, withPart }) =>
    formatTable([...rows, ...rest(account)], columnsFor(account, limits, { withPart })),
  );
  const [memory, products] = [limits.bytesPerSecond, limits.flopRate].map((rate) => (rate / 1e9).toFixed(1));
  return [
    `A watched ${what} takes ${secondsText(account.stepSeconds)} s (${quickestText(account.steps)}), and ${secondsText(plainSeconds)} s (the quickest) when nobody watches.`,
    `This machine moves ${memory} GB/s and computes ${products} GFLOP/s in fp32 products.`,
    ...tables,
  ].join('\n\n');
};
