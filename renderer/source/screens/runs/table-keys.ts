import type { Command } from '../../commands/command.ts';
import { isForeign, pressOf } from '../../commands/keys.ts';
import { href } from '../../state/routes.ts';
import type { RunsTable } from './runs-table.svelte.ts';

interface Context {
  table: () => RunsTable;
  showLine: (line: number) => void;
  /** Lines that are seen at one time. */
  pageOf: () => number;
  open: (href: string) => void;
  undo: () => void;
}

/**
 * What can be done with the table's runs. Those without a way to run are keys that the table follows itself, since elsewhere they mean
 * something else.
 */
export const tableCommands = (table: RunsTable): Command[] =>
  [
    { id: 'choose', title: 'Choose a run of the table', keys: ['x'] },
    { id: 'choose-all', title: 'Choose all runs that the filter lets through', keys: ['Mod+A'] },
    { id: 'choose-more', title: 'Choose runs one after the other', keys: ['Shift+↓'] },
    { id: 'open-run', title: 'Open its experiment, or the group', keys: ['Enter'] },
    { id: 'rename-run', title: 'Rename the run', keys: ['F2'], run: () => table.edit('name') },
    { id: 'note-run', title: 'Write a note', keys: ['e'], run: () => table.edit('note') },
    {
      id: 'archive-runs',
      title: 'Archive the chosen runs',
      keys: ['a'],
      run: () => void table.archiveChosen(),
    },
  ].map((command) => ({ ...command, group: 'On this page' }));

/** Follows the keys of the table; those that it knows nothing of are left to others. */
export const createTableKeys = ({ table: tableOf, showLine, pageOf, open, undo }: Context) => {
  const moveTo = (line: number, extends_: boolean): void => {
    const table = tableOf();
    const next = Math.min(Math.max(0, line), table.layout.lines - 1);
    if (next < 0) return;
    if (extends_) table.selection.beginAt(table.current);
    table.current = next;
    if (extends_) void table.selection.extendTo(next);
    else table.selection.anchorAt(next);
    showLine(next);
  };
  /** The group that the line is the header of. */
  const groupHere = (table: RunsTable): number | undefined => {
    const at = table.layout.at(table.current);
    return at !== undefined && 'group' in at ? at.group : undefined;
  };
  const setOpen = (isOpen: boolean): void => {
    const table = tableOf();
    const group = table.groups.list?.[groupHere(table) ?? -1];
    if (group !== undefined && table.groups.isOpen(group) !== isOpen) table.groups.toggle(group);
  };
  const enter = (): void => {
    const table = tableOf();
    const group = table.groups.list?.[groupHere(table) ?? -1];
    if (group !== undefined) return table.groups.toggle(group);
    const row = table.runAt(table.current);
    if (row !== undefined) open(href.experiment(row.experimentId));
  };
  const choose = (): void => {
    const table = tableOf();
    const group = groupHere(table);
    if (group !== undefined) return void table.chooseGroup(group);
    const row = table.runAt(table.current);
    if (row !== undefined) table.selection.toggle(row.id, table.current);
  };
  const by = (lines: () => number) => (extends_: boolean) => moveTo(tableOf().current + lines(), extends_);

  /** Each is told whether Shift is held. */
  const keys: Record<string, (extends_: boolean) => void> = {
    j: by(() => 1),
    J: by(() => 1),
    ArrowDown: by(() => 1),
    k: by(() => -1),
    K: by(() => -1),
    ArrowUp: by(() => -1),
    PageDown: by(pageOf),
    PageUp: by(() => -pageOf()),
    Home: (extends_) => moveTo(0, extends_),
    End: (extends_) => moveTo(tableOf().layout.lines - 1, extends_),
    ArrowRight: () => setOpen(true),
    ArrowLeft: () => setOpen(false),
    x: choose,
    ' ': choose,
    Enter: enter,
    Escape: () => tableOf().selection.none(),
    'Mod+A': () => void tableOf().chooseAll(),
    'Mod+Z': undo,
  };
  return (event: KeyboardEvent): void => {
    // Its buttons and fields have Enter and Space to themselves.
    const isControl = event.target instanceof Element && event.target.matches('button, input, a');
    if (isForeign(event) || (isControl && ['Enter', ' '].includes(event.key))) return;
    const key = keys[pressOf(event)];
    if (key === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    key(event.shiftKey);
  };
};
