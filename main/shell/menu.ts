import type { MenuItemConstructorOptions } from 'electron';
import type { MenuCommand } from '../api/contract-channels.ts';

export interface MenuActions {
  readonly newWindow: () => unknown;
  /** Has the window in front do one of its commands. */
  readonly perform: (id: string) => void;
  /** What windows can always do, as they have told; none until the first has. */
  readonly commands: readonly MenuCommand[];
}

const separator = { type: 'separator' } as const;

/**
 * The menu bar as data. Roles bring each system's own labels and shortcuts; the rest are the window's own commands, each in the menu of its
 * group, so that menu, keys and palette do the same.
 */
export const menuTemplate = (
  platform: NodeJS.Platform,
  { newWindow, perform, commands }: MenuActions,
): MenuItemConstructorOptions[] => {
  const mac = platform === 'darwin';
  const of = (group: string): MenuItemConstructorOptions[] =>
    commands
      .filter((command) => command.group === group)
      .map(({ id, title, keys }) => ({
        label: title,
        click: () => perform(id),
        // The page itself listens to its keys; here they are only shown.
        ...(keys !== undefined && {
          accelerator: keys.replace('Mod', 'CmdOrCtrl'),
          registerAccelerator: false,
        }),
      }));
  const behind = (items: MenuItemConstructorOptions[]): MenuItemConstructorOptions[] =>
    items.length === 0 ? [] : [...items, separator];
  const places = of('Go to');
  const help = of('Help');
  return [
    ...(mac ? [{ role: 'appMenu' } as const] : []),
    {
      role: 'fileMenu',
      submenu: [
        ...behind(of('Create')),
        { label: 'New Window', accelerator: 'CmdOrCtrl+N', click: () => void newWindow() },
        separator,
        { role: 'close' },
        ...(mac ? [] : [{ role: 'quit' } as const]),
      ],
    },
    { role: 'editMenu' },
    {
      label: 'View',
      submenu: [
        ...behind(of('Appearance')),
        { role: 'reload' },
        { role: 'toggleDevTools' },
        separator,
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        separator,
        { role: 'togglefullscreen' },
      ],
    },
    ...(places.length === 0 ? [] : [{ label: 'Go', submenu: places }]),
    { role: 'windowMenu' },
    ...(help.length === 0 ? [] : [{ role: 'help', submenu: help } as const]),
  ];
};
