import { onDestroy, untrack } from 'svelte';
import type { RunColumnEntry, RunRow } from '../../../../main/api/contract.ts';
import { createResource } from '../../state/resource.svelte.ts';
import type { Undo } from '../../state/undo.svelte.ts';
import type { WorkbenchState } from '../../state/workbench.svelte.ts';
import { flatLayout, groupLayout } from './group-layout.ts';
import type { Layout } from './group-layout.ts';
import { createRunActions } from './run-actions.ts';
import type { RunActions } from './run-actions.ts';
import { createRunGroups } from './run-groups.svelte.ts';
import type { RunGroups } from './run-groups.svelte.ts';
import { createRunRows } from './run-rows.svelte.ts';
import type { RunQuery, RunRows } from './run-rows.svelte.ts';
import { createSelection } from './selection.svelte.ts';
import type { Selection } from './selection.svelte.ts';
import { createSparklines } from './sparklines.svelte.ts';
import type { Sparklines } from './sparklines.svelte.ts';
import { columnOf, differingColumns } from './table-columns.ts';
import type { TableColumn } from './table-columns.ts';
import { createTableView } from './table-view.svelte.ts';
import type { TableView } from './table-view.svelte.ts';

export interface Editing {
  readonly id: string;
  readonly column: 'name' | 'note';
}

/** The table of runs as one window has it before it. */
export interface RunsTable {
  readonly view: TableView;
  readonly rows: RunRows;
  readonly groups: RunGroups;
  readonly sparklines: Sparklines;
  readonly selection: Selection;
  readonly actions: RunActions;
  readonly layout: Layout;
  /** Those that are pinned first. */
  readonly columns: readonly TableColumn[];
  /** What the listed runs can be shown by; undefined until it is known. */
  readonly entries: readonly RunColumnEntry[] | undefined;
  /** The column that groups tell the best and the mean of. */
  readonly measured: string;
  readonly error: string | undefined;
  /** The line that keys are about. */
  current: number;
  editing: Editing | undefined;
  /** The run at a line, where it is one that is here. */
  runAt(line: number): RunRow | undefined;
  /** Of the run at the current line. */
  edit(column: Editing['column']): void;
  /** Throws what the workbench refuses. */
  archiveChosen(): Promise<void>;
  chooseAll(): Promise<void>;
  /** All runs of a group, whether it is open or not. */
  chooseGroup(group: number): Promise<void>;
}

const loss = 'validation/loss';
/** Milliseconds: which columns differ is looked up over all runs, so not at every letter of a filter. */
const typing = 300;

/** In a component: for as long as it is there. */
export const createRunsTable = (workbench: WorkbenchState, undo: Undo): RunsTable => {
  const { client, transport } = workbench;
  const view = createTableView();
  const rows = createRunRows(client);
  const groups = createRunGroups(client);
  const sparklines = createSparklines(client);
  let current = $state(0);
  let editing = $state.raw<Editing>();

  const { sort, group, filter, archived } = $derived(view.definition);
  const query = $derived<RunQuery>({
    filter,
    archived: archived ? 'shown' : 'hidden',
    ...(sort !== null && { sort }),
    ...(group !== null && { group }),
  });
  const entries = createResource(() => client.call('runs.columns', { filter, archived: query.archived! }));
  const names = $derived.by(() => {
    const { columns, pinned, differing } = view.definition;
    const wanted = differing ? differingColumns(columns, entries.value) : columns;
    return [
      ...wanted.filter((name) => pinned.includes(name)),
      ...wanted.filter((name) => !pinned.includes(name)),
    ];
  });
  const columns = $derived(names.map(columnOf));
  const asked = $derived(columns.filter(({ isAsked }) => isAsked).map(({ name }) => name));
  const measured = $derived(sort !== null && columnOf(sort.column).isNumber ? sort.column : loss);
  const layout = $derived(
    group === null
      ? flatLayout(rows.total ?? 0)
      : groupLayout((groups.list ?? []).map((one) => ({ runs: one.runs, isOpen: groups.isOpen(one) }))),
  );

  const ask = (): void => {
    rows.ask({ ...query, columns: asked });
    if (query.group !== undefined) void groups.ask({ ...query, group: query.group }, measured);
  };
  $effect(() => {
    void [query, asked.join(), measured, workbench.reconnections];
    untrack(ask);
  });
  // Which columns there are is for whoever chooses among them, and asked once it matters.
  $effect(() => {
    void [query.filter, query.archived, workbench.reconnections];
    const timer = setTimeout(() => untrack(() => void entries.refresh()), typing);
    return () => clearTimeout(timer);
  });
  onDestroy(
    transport.subscribe((event) => {
      sparklines.take(event);
      if (event.name === 'runs.marked' || event.name === 'experiments.changed') ask();
    }),
  );
  onDestroy(sparklines.stop);

  const idsOf = async (pieces: readonly { offset: number; limit: number }[]): Promise<string[]> => {
    const found: string[] = [];
    for (const piece of pieces) found.push(...(await client.call('runs.ids', { ...query, ...piece })).ids);
    return found;
  };
  const selection = createSelection((from, to) => idsOf(layout.runsBetween(from, to)));

  const actions = createRunActions(client, undo);
  const runAt = (line: number): RunRow | undefined => {
    const found = layout.at(line);
    return found !== undefined && 'run' in found ? rows.at(found.run) : undefined;
  };

  return {
    view,
    rows,
    groups,
    sparklines,
    selection,
    actions,
    get layout() {
      return layout;
    },
    get columns() {
      return columns;
    },
    get entries() {
      return entries.value;
    },
    get measured() {
      return measured;
    },
    get error() {
      return rows.error ?? groups.error;
    },
    get current() {
      return current;
    },
    set current(line) {
      current = line;
    },
    get editing() {
      return editing;
    },
    set editing(next) {
      editing = next;
    },
    runAt,
    edit(column) {
      const row = runAt(current);
      if (row === undefined) return;
      view.showColumn(column);
      editing = { id: row.id, column };
    },
    async archiveChosen() {
      const ids = [...selection.ids];
      if (ids.length === 0) return;
      await actions.archive(ids);
      selection.remove(ids);
    },
    chooseAll: () => selection.choose(() => idsOf([{ offset: 0, limit: 10_000 }])),
    chooseGroup(wanted) {
      const list = groups.list ?? [];
      const offset = list.slice(0, wanted).reduce((sum, { runs }) => sum + runs, 0);
      return selection.choose(() => idsOf([{ offset, limit: Math.min(10_000, list[wanted]!.runs) }]));
    },
  };
};
