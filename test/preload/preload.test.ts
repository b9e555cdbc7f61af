import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { NoraBridge } from '../../preload/index.ts';
import { preloadConfig } from '../../electron.vite.config.ts';
import { root } from '../support/paths.ts';

type Listener = (...parameters: unknown[]) => void;

const outDir = mkdtempSync(join(tmpdir(), 'nora-preload-'));
const invoked: unknown[][] = [];
const listeners = new Map<string, Set<Listener>>();
const required: string[] = [];
const exposed: Record<string, unknown> = {};

const electron = {
  contextBridge: { exposeInMainWorld: (name: string, value: unknown) => (exposed[name] = value) },
  ipcRenderer: {
    invoke: (...parameters: unknown[]) => Promise.resolve(invoked.push(parameters)),
    on: (channel: string, listener: Listener) => listeners.set(channel, new Set([listener])),
    off: (channel: string, listener: Listener) => listeners.get(channel)?.delete(listener),
  },
  webUtils: { getPathForFile: (file: { at: string }) => file.at },
};

/** What a sandboxed preload has: `require` for Electron alone, and a bare global scope. */
beforeAll(async () => {
  const { build: options } = preloadConfig;
  await build({
    root,
    configFile: false,
    logLevel: 'silent',
    build: {
      ...options,
      outDir,
      ssr: true,
      rolldownOptions: { ...options.rolldownOptions, external: ['electron'] },
    },
    ssr: { noExternal: true },
  });
  const code = readFileSync(join(outDir, 'index.cjs'), 'utf8');
  const requireElectron = (name: string): unknown => {
    required.push(name);
    return electron;
  };
  runInNewContext(code, {
    require: requireElectron,
    module: { exports: {} },
    exports: {},
    URL,
  });
});
afterAll(() => rmSync(outDir, { recursive: true, force: true }));

const bridge = (): NoraBridge => exposed['nora'] as NoraBridge;

describe('the preload bundle', () => {
  test('is one file that requires Electron only', () => {
    expect(readdirSync(outDir)).toEqual(['index.cjs']);
    expect(required).toEqual(['electron']);
  });

  test('exposes one name, and nothing but functions under it', () => {
    expect(Object.keys(exposed)).toEqual(['nora']);
    expect(Object.keys(bridge())).toEqual([
      'call',
      'subscribe',
      'chooseFile',
      'chooseFolder',
      'offerCommands',
      'listenToShell',
      'pathOf',
    ]);
  });
});

describe('window.nora', () => {
  test('passes calls of the contract on', async () => {
    await bridge().call('models.list', {});
    expect(invoked.at(-1)).toEqual(['nora:call', { method: 'models.list', params: {} }]);
  });

  test.each(['models.nothing', 'constructor', '__proto__', 7, undefined])(
    'does not pass on %s',
    async (method) => {
      const before = invoked.length;
      expect(await bridge().call(method, {})).toMatchObject({ ok: false, error: { code: 'invalid-input' } });
      expect(invoked).toHaveLength(before);
    },
  );

  test('gives listeners the event without Electron’s own, until they unsubscribe', () => {
    const heard: unknown[][] = [];
    const unsubscribe = bridge().subscribe((...parameters) => heard.push(parameters));
    const event = { name: 'models.changed', payload: {} };
    for (const listener of listeners.get('nora:event') ?? []) listener({ sender: electron }, event);
    expect(heard).toEqual([[event]]);
    unsubscribe();
    expect(listeners.get('nora:event')?.size).toBe(0);
  });

  test('opens file dialogs', async () => {
    await bridge().chooseFile({ title: 'Data' });
    await bridge().chooseFolder();
    expect(invoked.slice(-2)).toEqual([
      ['nora:choose-file', { title: 'Data' }],
      ['nora:choose-folder', undefined],
    ]);
  });

  test('tells where a dropped file lies, and that another lies nowhere', () => {
    const dropped = (at: string): File => ({ at }) as unknown as File;
    expect(bridge().pathOf(dropped('/models/tiny'))).toBe('/models/tiny');
    expect(bridge().pathOf(dropped(''))).toBeNull();
  });
});
