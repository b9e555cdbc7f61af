import { beforeEach, describe, expect, test } from 'vitest';
import type { ExperimentSummary, Run, WorkbenchEvent } from '../../main/api/contract.ts';
import { createEndings } from '../../main/shell/endings.ts';
import { startApplication } from '../../main/shell/application.ts';
import { electronDouble, NotificationDouble, WindowDouble } from './electron-double.ts';
import { workbenchDouble } from './workbench-double.ts';

const changed = (
  statuses: ExperimentSummary['statuses'],
  changes: Partial<ExperimentSummary> = {},
): WorkbenchEvent => ({
  name: 'experiments.changed',
  payload: {
    changed: [
      {
        ...{ id: 'e', name: 'Whales', modelId: 'm', modelName: 'm', datasetId: 'd', datasetName: 'd' },
        ...{
          comparisonId: null,
          bestLoss: null,
          createdAt: '2026-11-29T12:00:00.000Z',
          statuses,
          ...changes,
        },
      },
    ],
    removed: [],
  },
});
const run = (changes: Partial<Run>): WorkbenchEvent =>
  ({
    name: 'run.changed',
    payload: { id: 'r', status: 'running', step: 0, steps: 100, ...changes },
  }) as WorkbenchEvent;

describe('the end of an experiment', () => {
  const titles = (...events: WorkbenchEvent[]): string[] => {
    const endingsOf = createEndings();
    return events.flatMap((event) => endingsOf(event).map(({ title }) => title));
  };

  test('is told once, when the last of its runs is over', () => {
    expect(
      titles(
        changed({ running: 1, queued: 1 }),
        changed({ completed: 1, running: 1 }),
        changed({ completed: 2 }),
        changed({ completed: 2 }),
      ),
    ).toEqual(['Whales is done']);
    expect(titles(changed({ running: 1 }), changed({ failed: 1, completed: 1 }))).toEqual([
      'Whales: 1 run failed',
    ]);
  });

  test('is none where a person paused or cancelled, where it was not under way, or where a comparison has it', () => {
    expect(titles(changed({ running: 1 }), changed({ paused: 1 }))).toEqual([]);
    expect(titles(changed({ running: 1 }), changed({ cancelled: 1, completed: 1 }))).toEqual([]);
    expect(titles(changed({ completed: 1 }))).toEqual([]);
    const ofComparison = { comparisonId: 'c' };
    expect(titles(changed({ running: 1 }, ofComparison), changed({ completed: 1 }, ofComparison))).toEqual(
      [],
    );
  });
});

describe('somebody who looks elsewhere', () => {
  let double: ReturnType<typeof electronDouble>;
  let emit: (event: WorkbenchEvent) => void;
  beforeEach(async () => {
    double = electronDouble();
    const { workbench, emit: tell } = workbenchDouble();
    emit = tell;
    await startApplication({
      electron: double.electron,
      createWorkbench: () => workbench,
      preload: '/preload.cjs',
      rendererDirectory: '/renderer',
      platform: 'linux',
      signals: double.signals,
    });
  });

  test('is notified, and a click brings the page to the front', () => {
    emit(changed({ running: 1 }));
    emit(changed({ completed: 1 }));
    expect(NotificationDouble.all.map(({ options }) => options)).toEqual([
      { title: 'Whales is done', body: '1 run trained; the result is on its page.' },
    ]);
    NotificationDouble.all[0]!.emit('click');
    const [window] = WindowDouble.all;
    expect(window!.calls).toEqual(['restore', 'focus']);
    expect(window!.webContents.sent.at(-1)).toEqual(['nora:open', 'e']);
  });

  test('is left alone while a window has the focus', () => {
    [WindowDouble.focused] = WindowDouble.all as [WindowDouble];
    emit(changed({ running: 1 }));
    emit(changed({ completed: 1 }));
    expect(NotificationDouble.all).toEqual([]);
  });

  test('sees how far the runs are, without a change for each step', () => {
    for (let step = 0; step <= 1000; step++) emit(run({ step, steps: 1000 }));
    emit(run({ id: 's', step: 0, steps: null }));
    emit(run({ id: 's', status: 'completed' }));
    emit(run({ status: 'completed', step: 1000, steps: 1000 }));
    const { progress } = WindowDouble.all[0]!;
    expect(progress[0]).toBe(0);
    expect(progress).toContain(0.5);
    expect(progress.at(-1)).toBe(-1);
    expect(progress.length).toBeLessThan(250);
  });

  test('is offered the commands of the window in the menu, if they are what they should be', async () => {
    const frame = { senderFrame: { parent: null, origin: 'app://workbench' } };
    const offer = (commands: unknown) => double.handlers.get('nora:offer-commands')!(frame, commands);
    offer([{ id: 'go runs', title: 'Go to runs', group: 'Go to' }]);
    const go = double.menus.at(-1)!.find(({ label }) => label === 'Go');
    const [item] = go?.submenu as { label: string; click: () => void }[];
    expect(item?.label).toBe('Go to runs');
    item?.click();
    expect(WindowDouble.all[0]!.webContents.sent.at(-1)).toEqual(['nora:perform', 'go runs']);
    for (const wrong of [
      null,
      [{}],
      [{ id: 'a', title: 'b', group: 'c', keys: 'Alt+F4' }],
      [{ id: 'a', title: 'b', group: 'c', role: 'quit' }],
    ])
      expect(() => offer(wrong)).toThrow('nora:offer-commands: expects');
    expect(() =>
      double.handlers.get('nora:offer-commands')!({ senderFrame: { parent: null, origin: 'https://x' } }, []),
    ).toThrow('refused');
  });
});
