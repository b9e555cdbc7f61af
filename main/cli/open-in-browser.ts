import { spawn } from 'node:child_process';

const openers: Readonly<Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
};

/** Asks the system to show a page that lies on the disk. A machine without a browser has the address on the screen. */
export const openInBrowser = (file: string): void => {
  const [command, ...parameters] = openers[process.platform] ?? ['xdg-open'];
  const child = spawn(command, [...parameters, file], { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
};
