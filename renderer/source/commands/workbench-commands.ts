import { screens } from '../screens.ts';
import { moveInList } from './list-keys.ts';
import { theme } from '../state/theme.svelte.ts';
import type { Undo } from '../state/undo.svelte.ts';
import type { Command } from './command.ts';

/** Single screens that somebody goes to to make something. */
const creates = (path: string): boolean => path.endsWith('/new');

const toScreens: Command[] = screens
  .filter(({ path }) => !path.includes(':'))
  .map(({ path, title, icon, shortcut }) => ({
    id: `go-${path}`,
    title: creates(path) ? title : `Go to ${title.toLowerCase()}`,
    group: creates(path) ? 'Create' : 'Go to',
    href: `#/${path}`,
    ...(icon === undefined ? {} : { icon }),
    ...(shortcut === undefined ? {} : { keys: shortcut }),
  }));

export interface WorkbenchActions {
  openPalette(): void;
  showShortcuts(): void;
  undo: Pick<Undo, 'offered' | 'take'>;
}

/** What can be done on every page. */
export const workbenchCommands = ({ openPalette, showShortcuts, undo }: WorkbenchActions): Command[] => {
  const other = theme.shown === 'dark' ? 'light' : 'dark';
  return [
    ...toScreens,
    ...(undo.offered === undefined
      ? []
      : [
          {
            id: 'undo',
            title: `Undo: ${undo.offered.text}`,
            group: 'On this page' as const,
            keys: ['u'],
            run: () => void undo.take(),
          },
        ]),
    {
      id: 'theme',
      title: `Switch to ${other} theme`,
      group: 'Appearance',
      icon: other === 'light' ? 'sun' : 'moon',
      run: () => theme.choose(other),
    },
    {
      id: 'theme-system',
      title: "Use the system's theme",
      group: 'Appearance',
      run: () => theme.choose('system'),
    },
    { id: 'palette', title: 'Find a command or a page', group: 'Help', keys: ['Mod+K'], run: openPalette },
    {
      id: 'shortcuts',
      title: 'Show keyboard shortcuts',
      group: 'Help',
      icon: 'keyboard',
      keys: ['?'],
      run: showShortcuts,
    },
    { id: 'next-row', title: 'Next row of a list', group: 'Help', keys: ['j'], run: () => moveInList(1) },
    {
      id: 'previous-row',
      title: 'Previous row of a list',
      group: 'Help',
      keys: ['k'],
      run: () => moveInList(-1),
    },
  ];
};
