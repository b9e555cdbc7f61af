import { describe, expect, test } from 'vitest';
import { handleQuit } from '../../main/shell/quit.ts';
import { electronDouble, settle, WindowDouble } from './electron-double.ts';
import { runChanged, workbenchDouble } from './workbench-double.ts';

const keepWorking = 0;
const stopAndQuit = 1;
const cancel = 2;

const open = (
  jobs: number,
  { platform = 'linux', answers = [] }: { platform?: NodeJS.Platform; answers?: number[] } = {},
) => {
  const double = electronDouble({ answers });
  const workbench = workbenchDouble(jobs);
  handleQuit(double.electron, workbench.workbench, platform, double.signals);
  return { ...double, ...workbench };
};

describe('closing the last window', () => {
  test('ends an idle app, after closing the workbench', async () => {
    const { app, log, state } = open(0);
    app.emit('window-all-closed');
    await settle();
    expect(state.closed).toBe(1);
    expect(log).toEqual(['quit', 'quit prevented', 'quit']);
  });

  test('leaves runs alone; the app ends with the last of them', async () => {
    const { app, log, state, emit } = open(2);
    app.emit('window-all-closed');
    state.jobs = 1;
    emit(runChanged);
    await settle();
    expect(log).toEqual([]);
    state.jobs = 0;
    emit(runChanged);
    await settle();
    expect(state.closed).toBe(1);
  });

  test('leaves the app open on macOS', async () => {
    const { app, log } = open(0, { platform: 'darwin' });
    app.emit('window-all-closed');
    await settle();
    expect(log).toEqual([]);
  });
});

test('an app with a window does not end when its runs do', async () => {
  const { log, emit } = open(0);
  new WindowDouble({});
  emit(runChanged);
  await settle();
  expect(log).toEqual([]);
});

describe('quitting while runs are active', () => {
  test('asks, and Cancel changes nothing', async () => {
    const { app, state, dialogs } = open(1, { answers: [cancel] });
    new WindowDouble({});
    app.quit();
    await settle();
    expect(dialogs).toEqual([
      [
        expect.objectContaining({
          detail: expect.stringMatching(/First, LoRA finishes its step \(about 40 s\)\.$/) as string,
        }),
      ],
    ]);
    expect(state.closed).toBe(0);
    expect(WindowDouble.all).toHaveLength(1);
  });

  test('Keep Working closes the windows only', async () => {
    const { app, state } = open(1, { answers: [keepWorking] });
    new WindowDouble({});
    app.quit();
    await settle();
    expect(WindowDouble.all).toHaveLength(0);
    expect(state.closed).toBe(0);
  });

  test('Stop and Quit closes the workbench once, however often quit is asked for', async () => {
    const { app, state, log, dialogs } = open(1, { answers: [stopAndQuit] });
    app.quit();
    app.quit();
    await settle();
    app.quit();
    expect(dialogs).toHaveLength(1);
    expect(state.closed).toBe(1);
    expect(log.at(-1)).toBe('quit');
  });
});

describe('the end of the session or the system', () => {
  const preventable = () => {
    const event = { isPrevented: false, preventDefault: () => void (event.isPrevented = true) };
    return event;
  };

  test.each(['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGBREAK'])(
    '%s closes the workbench without a question, and once',
    async (signal) => {
      const { signals, state, dialogs, log } = open(1);
      signals.emit(signal);
      signals.emit(signal);
      await settle();
      expect([state.closed, dialogs]).toEqual([1, []]);
      expect(log.at(-1)).toBe('quit');
    },
  );

  test.each([
    ['waits for runs', 1],
    ['has nothing to wait for where none is active', 0],
  ])('a shutdown %s', async (_, jobs) => {
    const { powerMonitor, state, dialogs } = open(jobs);
    const event = preventable();
    powerMonitor.emit('shutdown', event);
    await settle();
    expect([event.isPrevented, state.closed, dialogs]).toEqual([jobs > 0, 1, []]);
  });

  test('Windows is asked to wait, by each window, and told of its end', async () => {
    const { state, dialogs } = open(1, { platform: 'win32' });
    const window = new WindowDouble({});
    const event = preventable();
    window.emit('query-session-end', event);
    window.emit('session-end', {});
    await settle();
    expect([event.isPrevented, state.closed, dialogs]).toEqual([true, 1, []]);
  });

  test('a question that stands is not waited for', async () => {
    const { app, signals, state } = open(1, { answers: [keepWorking] });
    new WindowDouble({});
    app.quit();
    signals.emit('SIGTERM');
    await settle();
    expect(state.closed).toBe(1);
    expect(WindowDouble.all).toHaveLength(1);
  });
});
