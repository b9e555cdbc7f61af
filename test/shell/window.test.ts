import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isExternalAllowed } from '../../main/shell/navigation.ts';
import { openWindow, windowOptions } from '../../main/shell/window.ts';
import { electronDouble, WindowDouble } from './electron-double.ts';

test('windows get secure defaults', () => {
  expect(windowOptions('/preload.cjs').webPreferences).toEqual({
    preload: '/preload.cjs',
    contextIsolation: true,
    sandbox: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    webviewTag: false,
    navigateOnDragDrop: false,
    spellcheck: false,
  });
});

const open = () => {
  const double = electronDouble();
  openWindow(double.electron, '/preload.cjs', join(double.userData, 'window.json'));
  const contents = (WindowDouble.all[0] as WindowDouble).webContents;
  const prevented = (event: string, details: object): boolean => {
    let stopped = false;
    contents.emit(event, { ...details, preventDefault: () => (stopped = true) });
    return stopped;
  };
  return { ...double, contents, prevented };
};

describe('navigation', () => {
  const foreign = [
    'https://github.com/',
    'file:///etc/passwd',
    'app://other/index.html',
    'app://workbench.evil/',
    'javascript:1',
  ];

  test.each(['will-navigate', 'will-redirect'])('%s away is stopped', (event) => {
    const { prevented } = open();
    for (const url of foreign) expect(prevented(event, { url }), url).toBe(true);
    expect(prevented(event, { url: 'app://workbench/index.html#/runs' })).toBe(false);
  });

  test('frames and webviews are stopped', () => {
    const { prevented } = open();
    const url = 'app://workbench/index.html';
    expect(prevented('will-frame-navigate', { url, isMainFrame: false })).toBe(true);
    expect(prevented('will-frame-navigate', { url, isMainFrame: true })).toBe(false);
    expect(prevented('will-attach-webview', {})).toBe(true);
  });

  test('no window opens; links to known places open in the browser', () => {
    const { contents, opened } = open();
    for (const url of ['https://arxiv.org/abs/2106.09685', ...foreign.slice(1), 'https://evil.example/']) {
      expect(contents.openHandler({ url })).toEqual({ action: 'deny' });
    }
    expect(opened).toEqual(['https://arxiv.org/abs/2106.09685']);
  });

  test.each([
    'http://github.com/',
    'https://github.com.evil.example/',
    'https://github.com@evil.example/',
    'https://user@github.com/',
    'https://github.com:8443/',
    'not a url',
  ])('%s is not opened', (url) => expect(isExternalAllowed(url)).toBe(false));
});
