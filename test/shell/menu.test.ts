import { expect, test } from 'vitest';
import type { MenuItemConstructorOptions } from 'electron';
import type { MenuCommand } from '../../main/api/contract-channels.ts';
import { menuTemplate } from '../../main/shell/menu.ts';
import { menuCommands } from '../../renderer/source/commands/menu-commands.ts';

const template = (platform: NodeJS.Platform, commands: readonly MenuCommand[] = []) => {
  const performed: string[] = [];
  const menus = menuTemplate(platform, {
    newWindow: () => undefined,
    perform: (id) => void performed.push(id),
    commands,
  });
  return { menus, performed };
};
const names = (menus: readonly MenuItemConstructorOptions[]): unknown[] =>
  menus.map(({ role, label }) => role ?? label);
const items = (menu: MenuItemConstructorOptions | undefined): MenuItemConstructorOptions[] =>
  menu?.submenu as MenuItemConstructorOptions[];

test('macOS has its application menu, the others quit from the file menu', () => {
  expect(names(template('darwin').menus)).toEqual(['appMenu', 'fileMenu', 'editMenu', 'View', 'windowMenu']);
  expect(names(template('linux').menus)).toEqual(['fileMenu', 'editMenu', 'View', 'windowMenu']);
  expect(items(template('win32').menus[0])).toContainEqual({ role: 'quit' });
});

test("the window's commands stand in the menus of their groups, and each does what it does there", () => {
  const commands = menuCommands([
    { id: 'go-experiments/new', title: 'New experiment', group: 'Create', keys: ['Mod+N'] },
    { id: 'go-runs', title: 'Go to runs', group: 'Go to', keys: ['g', 'r'] },
    { id: 'theme', title: 'Switch to dark theme', group: 'Appearance' },
    { id: 'palette', title: 'Find a command or a page', group: 'Help', keys: ['Mod+K'] },
    { id: 'next-row', title: 'Next row of a list', group: 'Help', keys: ['j'] },
  ]);
  const { menus, performed } = template('linux', commands);
  expect(names(menus)).toEqual(['fileMenu', 'editMenu', 'View', 'Go', 'windowMenu', 'help']);
  const labels = (name: string): unknown[] =>
    items(menus.find(({ role, label }) => (role ?? label) === name)).map(
      ({ label, role, type }) => label ?? role ?? type,
    );
  expect(labels('fileMenu').slice(0, 3)).toEqual(['New experiment', 'separator', 'New Window']);
  expect(labels('View').slice(0, 2)).toEqual(['Switch to dark theme', 'separator']);
  expect(labels('help')).toEqual(['Find a command or a page']);
  const [palette] = items(menus.at(-1));
  expect(palette).toMatchObject({ accelerator: 'CmdOrCtrl+K', registerAccelerator: false });
  for (const menu of menus)
    for (const { label, click } of items(menu) ?? [])
      if (label !== 'New Window') (click as (() => void) | undefined)?.();
  expect(performed).toEqual(['go-experiments/new', 'theme', 'go-runs', 'palette']);
});
