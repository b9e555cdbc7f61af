import { nodeFlops } from '../../graph/flops.ts';
import type { Extents } from '../../graph/dimension.ts';
import type { Graph, Node } from '../../graph/graph.ts';
import type { Direction } from '../../graph/origin.ts';
import type { OperatorName } from '../../graph/signatures.ts';
import { placeOf } from '../../lower/node-names.ts';
import { readSessionRuns, type KernelRun, type SessionRun } from './kernel-events.ts';
import { spanNames, type RecordedSession, type Recorder } from './recorder.ts';

/** What nodes of the lowered graphs took of a step. */
interface Spent {
  /** Lowered nodes that ran. */
  readonly nodes: number;
  readonly seconds: number;
  /** That they have to move at least: inputs and outputs of each lowered node once. */
  readonly bytes: number;
}

export interface OperatorRow extends Spent {
  /** Of the model; empty where nobody said. */
  readonly part: string;
  /** The graph's own, or whose gradient it is; what runs for no node of the graph has the name of `unnamed`. */
  readonly operator: string;
  readonly direction: Direction;
  /** In matrix products, as the graph counts them: two a term. */
  readonly flops: number;
}

export interface KernelRow extends Spent {
  /** ONNX's operator. */
  readonly kernel: string;
}

/** What a step is spent on, means over the steps that count. Rows and what is outside of nodes add up to the step. */
export interface Account {
  readonly steps: number;
  readonly stepSeconds: number;
  /** The longest first. */
  readonly rows: readonly OperatorRow[];
  /** The same nodes by their kernels. */
  readonly kernels: readonly KernelRow[];
  readonly outside: readonly { readonly name: string; readonly seconds: number }[];
}

/** Sizes that are worked out as a graph runs, and its outputs under their names. */
export const unnamed = 'sizes, outputs';
/** What a session does besides running nodes; a profile's own work is in it. */
export const betweenNodes = 'between nodes';

/** Sums by a key; what is no sum stays as it came first. */
const tally = <Row extends object>() => {
  const rows = new Map<string, Row>();
  return {
    rows,
    add: (key: string, row: Row): void => {
      const known = rows.get(key);
      if (!known) return void rows.set(key, row);
      const sums = Object.entries(row).map(([name, value]): [string, unknown] => [
        name,
        typeof value === 'number' ? value + (known as Record<string, number>)[name]! : value,
      ]);
      rows.set(key, Object.fromEntries(sums) as Row);
    },
  };
};

/** Operations of each node of a graph, at its place. Sizes seldom change from run to run. */
const countedOf = (graph: Graph): ((extents: Extents) => readonly number[]) => {
  let known: { key: string; flops: readonly number[] } | undefined;
  return (extents) => {
    const key = JSON.stringify(extents);
    if (known?.key !== key)
      known = { key, flops: graph.nodes.map((node) => nodeFlops<OperatorName>(node, extents)) };
    return known.flops;
  };
};

const whoseRow = (node: Node | undefined): Pick<OperatorRow, 'part' | 'operator' | 'direction'> => {
  if (!node) return { part: '', operator: unnamed, direction: 'forward' };
  const { part, direction, of = node.operator } = node.origin;
  return { part, operator: of, direction };
};

type Tally<Row extends object> = ReturnType<typeof tally<Row>>;

/** Bytes of the initializers that each node of a graph takes, at its place. */
const weightBytesOf = ({ nodes, initializers }: Graph): number[] => {
  const sizes = new Map(
    initializers.map(({ value, source }) => [
      value,
      source.kind === 'file' ? source.length : source.data.byteLength,
    ]),
  );
  return nodes.map(({ inputs }) =>
    [...new Set(inputs)].reduce((sum, input) => sum + (sizes.get(input) ?? 0), 0),
  );
};

/** The kernels of a run by the places of their nodes; undefined for those of none. */
const byPlace = (kernels: readonly KernelRun[]): Map<number | undefined, KernelRun[]> =>
  Map.groupBy(kernels, ({ node }) => placeOf(node));

const addRun = (
  { kernels }: SessionRun,
  {
    graph,
    flops,
    weightBytes,
  }: {
    readonly graph: Graph;
    readonly flops: readonly number[];
    readonly weightBytes: readonly number[];
  },
  to: { readonly rows: Tally<OperatorRow>; readonly kernels: Tally<KernelRow> },
): void => {
  for (const [place, own] of byPlace(kernels)) {
    const whose = whoseRow(place === undefined ? undefined : graph.nodes[place]);
    const longest = own.reduce((a, b) => (b.microseconds > a.microseconds ? b : a));
    const told = own.reduce((sum, { constantBytes }) => sum + constantBytes, 0);
    // Weights in a copy of a kernel's own are read all the same.
    const untold = place === undefined ? 0 : Math.max(0, weightBytes[place]! - told);
    for (const one of own) {
      const bytes = one.bytes + (one === longest ? untold : 0);
      const spent: Spent = { nodes: 1, seconds: one.microseconds / 1e6, bytes };
      // Which of a node's kernels did how many of its operations is nowhere told.
      const counted = one === longest && place !== undefined ? flops[place]! : 0;
      to.rows.add(Object.values(whose).join('\n'), { ...whose, ...spent, flops: counted });
      to.kernels.add(one.kernel, { kernel: one.kernel, ...spent });
    }
  }
};

/** Seconds of the runs of a session that count, and of their kernels. */
const addSession = async (
  { graph, runs, file }: RecordedSession,
  counts: (step: number | undefined) => boolean,
  to: Parameters<typeof addRun>[2],
): Promise<number> => {
  const flopsAt = countedOf(graph);
  const weightBytes = weightBytesOf(graph);
  let [at, sum] = [0, 0];
  for await (const run of readSessionRuns(file())) {
    const recorded = runs[at++];
    if (!recorded || !counts(recorded.step)) continue;
    addRun(run, { graph, weightBytes, flops: flopsAt(recorded.extents) }, to);
    sum += run.microseconds / 1e6;
  }
  if (at !== runs.length)
    throw new Error(
      `ONNX Runtime's profile has ${at} of ${runs.length} runs: it holds a million events, so profile fewer steps`,
    );
  return sum;
};

/**
 * The quickest quarter of the steps between two places, one at least. A machine is seldom left alone, and what it does in between is no part of
 * a step; memory is touched for the first time in the first.
 */
export const quickest = (
  steps: Recorder['steps'],
  from = 1,
  to = steps.length,
): ((step: number) => boolean) => {
  const inOrder = [...steps.keys()]
    .filter((step) => step >= from && step < to)
    .toSorted((a, b) => steps[a]!.seconds - steps[b]!.seconds);
  const chosen = new Set(inOrder.slice(0, Math.max(1, Math.floor(inOrder.length / 4))));
  return (step) => chosen.has(step);
};

const longestFirst = <Row extends { readonly seconds: number }>(rows: Iterable<Row>): Row[] =>
  [...rows].toSorted((a, b) => b.seconds - a.seconds);

/**
 * Reads the profiles of a recorder whose sessions are released.
 * @param counts which steps, from 0
 */
export const accountFor = async (
  { steps, sessions }: Pick<Recorder, 'steps' | 'sessions'>,
  counts: (step: number) => boolean,
): Promise<Account> => {
  const counted = steps.filter((_, step) => counts(step));
  if (counted.length === 0) throw new Error(`of ${steps.length} steps none is to be accounted for`);
  const to = { rows: tally<OperatorRow>(), kernels: tally<KernelRow>() };
  let ofRuns = 0;
  for (const session of sessions)
    ofRuns += await addSession(session, (step) => step !== undefined && counts(step), to);

  const each = <Row extends Spent>(row: Row): Row =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [
        name,
        typeof value === 'number' ? value / counted.length : value,
      ]),
    ) as unknown as Row;
  const rows = [...to.rows.rows.values()];
  const ofNodes = rows.reduce((sum, row) => sum + row.seconds, 0);
  const outside = tally<{ name: string; seconds: number }>();
  for (const { spans } of counted)
    for (const [name, seconds] of spans) outside.add(name, { name, seconds: seconds / counted.length });
  outside.add(spanNames.calls, { name: spanNames.calls, seconds: -ofRuns / counted.length });
  outside.add(betweenNodes, { name: betweenNodes, seconds: (ofRuns - ofNodes) / counted.length });
  return {
    steps: counted.length,
    stepSeconds: counted.reduce((sum, { seconds }) => sum + seconds, 0) / counted.length,
    rows: longestFirst(rows.map(each)),
    kernels: longestFirst([...to.kernels.rows.values()].map(each)),
    outside: longestFirst(outside.rows.values()),
  };
};
