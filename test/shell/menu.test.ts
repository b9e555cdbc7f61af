import { expect, test } from 'vitest';
import { menuTemplate } from '../../main/shell/menu.ts';

const roles = (platform: NodeJS.Platform): unknown[] =>
  menuTemplate(platform, () => {}).map(({ role }) => role);

test('macOS has its application menu, the others quit from the file menu', () => {
  expect(roles('darwin')).toEqual(['appMenu', 'fileMenu', 'editMenu', 'viewMenu', 'windowMenu']);
  expect(roles('linux')).toEqual(['fileMenu', 'editMenu', 'viewMenu', 'windowMenu']);
  const [file] = menuTemplate('win32', () => {});
  expect(file?.submenu).toContainEqual({ role: 'quit' });
});
