import { describe, expect, test } from 'vitest';
import { WorkbenchError } from '../../main/engine/errors.ts';
import { startApplication } from '../../main/shell/application.ts';
import { electronDouble, WindowDouble } from './electron-double.ts';
import { workbenchDouble } from './workbench-double.ts';

const start = async (
  double: ReturnType<typeof electronDouble>,
  createWorkbench = () => workbenchDouble().workbench,
) =>
  startApplication({
    electron: double.electron,
    createWorkbench,
    preload: '/app/out/preload/index.cjs',
    rendererDirectory: '/app/out/renderer',
    platform: 'linux',
    signals: double.signals,
  });

describe('starting the desktop app', () => {
  test('the scheme is registered before the app is ready, the window opened at the end', async () => {
    const double = electronDouble();
    await start(double);
    expect(double.log).toEqual(['scheme app', 'ready', 'serve app', 'menu']);
    expect(WindowDouble.all).toHaveLength(1);
    expect(WindowDouble.all[0]?.url).toBe('app://workbench/index.html');
    expect([...double.handlers.keys()]).toEqual([
      'nora:call',
      'nora:choose-file',
      'nora:choose-folder',
      'nora:offer-commands',
    ]);
  });

  test('the scheme has what its page needs, and no power beside', async () => {
    const double = electronDouble();
    await start(double);
    expect(double.privileged).toEqual([
      {
        scheme: 'app',
        privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true },
      },
    ]);
  });

  test('the window is shown with its first paint', async () => {
    await start(electronDouble());
    const [window] = WindowDouble.all;
    expect(window?.calls).toEqual([]);
    window?.emit('ready-to-show');
    expect(window?.calls).toEqual(['show']);
  });

  test('a second start ends at once and leaves the first with its window in front', async () => {
    const second = electronDouble({ primary: false });
    await start(second);
    expect(second.log).toContain('quit');
    expect(WindowDouble.all).toHaveLength(0);

    const first = electronDouble();
    await start(first);
    first.app.emit('second-instance');
    expect(WindowDouble.all).toHaveLength(1);
    expect(WindowDouble.all[0]?.calls).toEqual(['restore', 'focus']);
  });

  test('a second start, or a click in the dock, opens a window when there is none', async () => {
    const double = electronDouble();
    await start(double);
    for (const event of ['second-instance', 'activate']) {
      WindowDouble.all = [];
      double.app.emit(event);
      expect(WindowDouble.all, event).toHaveLength(1);
    }
  });

  test('a data directory that cannot be used is a message, not a stack trace', async () => {
    const double = electronDouble();
    await start(double, () => {
      throw new WorkbenchError('newer-version', '/data: made by a newer version');
    });
    expect(double.log).toContain('NoRA Workbench cannot start: /data: made by a newer version');
    expect(double.log).toContain('exit 1');
    expect(WindowDouble.all).toHaveLength(0);
  });

  test('every permission is denied', async () => {
    const double = electronDouble();
    await start(double);
    let granted: unknown;
    double.permissions['setPermissionRequestHandler']?.(
      null,
      'media',
      (answer: unknown) => (granted = answer),
    );
    expect(granted).toBe(false);
    expect(double.permissions['setPermissionCheckHandler']?.(null, 'geolocation')).toBe(false);
    expect(double.permissions['setDevicePermissionHandler']?.({ deviceType: 'usb' })).toBe(false);
  });
});
