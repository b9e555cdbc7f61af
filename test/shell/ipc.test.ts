import { describe, expect, test } from 'vitest';
import { channels } from '../../main/api/contract-channels.ts';
import { registerIpc } from '../../main/shell/ipc.ts';
import { electronDouble, WindowDouble } from './electron-double.ts';
import { runChanged, workbenchDouble } from './workbench-double.ts';

const ownFrame = { origin: 'app://workbench', parent: null };
const call = { method: 'models.list', params: {} };

const register = (answers: number[] = []) => {
  const double = electronDouble({ answers });
  const workbench = workbenchDouble();
  const offered: unknown[] = [];
  registerIpc(double.electron, workbench.workbench, (commands) => offered.push(commands));
  const invoke = async (
    channel: string,
    request: unknown,
    senderFrame: unknown = ownFrame,
    ...more: unknown[]
  ): Promise<unknown> =>
    double.handlers.get(channel)?.(
      { senderFrame, sender: WindowDouble.all[0]?.webContents },
      request,
      ...more,
    );
  return { ...double, ...workbench, offered, invoke };
};

describe('calls', () => {
  test('of the own page reach the router', async () => {
    const { invoke, calls } = register();
    expect(await invoke(channels.call, call)).toEqual({ ok: true, result: [] });
    expect(calls).toEqual([['models.list', {}]]);
  });

  test.each([
    ['another origin', { origin: 'https://evil.example', parent: null }],
    ['another host of the scheme', { origin: 'app://other', parent: null }],
    ['a frame inside the page', { origin: 'app://workbench', parent: ownFrame }],
    ['a frame that is gone', null],
  ])('of %s are refused on every channel', async (_, frame) => {
    const { invoke, calls, dialogs } = register();
    for (const channel of [channels.call, channels.chooseFile, channels.chooseFolder]) {
      await expect(invoke(channel, call, frame)).rejects.toThrow('refused');
    }
    expect([...calls, ...dialogs]).toEqual([]);
  });

  test.each([undefined, null, 'models.list', { method: 1 }, { ...call, extra: 1 }])(
    'of the form %j are refused',
    async (request) => {
      const { invoke, calls } = register();
      await expect(invoke(channels.call, request)).rejects.toThrow('expects {method, params}');
      expect(calls).toEqual([]);
    },
  );

  test('with a second parameter are refused', async () => {
    await expect(register().invoke(channels.call, call, ownFrame, 'more')).rejects.toThrow('one parameter');
  });
});

test('events go to every window', () => {
  const { emit } = register();
  const windows = [new WindowDouble({}), new WindowDouble({})];
  emit(runChanged);
  for (const { webContents } of windows) expect(webContents.sent).toEqual([[channels.event, runChanged]]);
});

describe('file dialogs', () => {
  test('belong to the window that asked and return one path', async () => {
    const { invoke, dialogs } = register();
    const window = new WindowDouble({});
    expect(await invoke(channels.chooseFile, { title: 'Training data' })).toBe('/data/train.jsonl');
    expect(dialogs).toEqual([[window, { title: 'Training data', properties: ['openFile'] }]]);
  });

  test('return null when the person cancels', async () => {
    expect(await register([1]).invoke(channels.chooseFolder, undefined)).toBeNull();
  });

  test('take nothing but a title and filters', async () => {
    const { invoke, dialogs } = register();
    await expect(invoke(channels.chooseFile, { properties: ['openDirectory'] })).rejects.toThrow();
    expect(dialogs).toEqual([]);
  });
});

describe('the menu’s commands', () => {
  const command = { id: 'go-runs', title: 'Go to runs', group: 'Go to', keys: 'Mod+R' };

  test('reach the menu', async () => {
    const { invoke, offered } = register();
    await invoke(channels.offerCommands, [command]);
    expect(offered).toEqual([[command]]);
  });

  test.each([
    undefined,
    command,
    [{ ...command, role: 'quit' }],
    [{ ...command, keys: 'Alt+F4' }],
    [{ ...command, title: 'x'.repeat(101) }],
    Array.from({ length: 61 }, () => command),
  ])('of the form %j are refused', async (commands) => {
    const { invoke, offered } = register();
    await expect(invoke(channels.offerCommands, commands)).rejects.toThrow(
      'expects {id, title, group, keys}',
    );
    expect(offered).toEqual([]);
  });
});
