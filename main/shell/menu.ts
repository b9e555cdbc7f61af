import type { MenuItemConstructorOptions } from 'electron';

/** The menu bar as data. Roles bring each system's own labels and shortcuts. */
export const menuTemplate = (
  platform: NodeJS.Platform,
  newWindow: () => void,
): MenuItemConstructorOptions[] => {
  const mac = platform === 'darwin';
  const file: MenuItemConstructorOptions = {
    role: 'fileMenu',
    submenu: [
      { label: 'New Window', accelerator: 'CmdOrCtrl+N', click: newWindow },
      { type: 'separator' },
      { role: 'close' },
      ...(mac ? [] : [{ role: 'quit' } as const]),
    ],
  };
  return [
    ...(mac ? [{ role: 'appMenu' } as const] : []),
    file,
    { role: 'editMenu' },
    { role: 'viewMenu' },
    { role: 'windowMenu' },
  ];
};
