import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { WebSocket, type ClientOptions } from 'ws';
import type { WorkbenchEvent } from '../../main/api/contract.ts';
import { startTestServer, token, type TestServer } from './http-double.ts';

let running: TestServer;
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  running = await startTestServer();
});
afterEach(async () => {
  await running.stop();
  vi.useRealTimers();
});

const connect = async (options: ClientOptions = {}): Promise<WebSocket> => {
  const socket = new WebSocket(`ws://${running.host}/api/events`, {
    ...options,
    headers: { authorization: `Bearer ${token}` },
  });
  await once(socket, 'open');
  return socket;
};

/** The server's end of what was sent so far, and of its answers, is through. */
const throughAndBack = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 100));

const heartbeat = 30_000;

describe('the event socket', () => {
  test('cuts off a client that goes on without reading, and tells the others all of it', async () => {
    const [slow, quick] = [await connect(), await connect()];
    const gone = once(slow, 'close');
    slow.pause();
    let heard = 0;
    quick.on('message', () => (heard += 1));
    // Some 64 MB: far more than the system's own buffers take.
    const event: WorkbenchEvent = {
      name: 'run.metrics',
      payload: { runId: 'r'.repeat(2 ** 20), metrics: [] },
    };
    for (let count = 1; count <= 64; count += 1) {
      running.hub.emit(event);
      await vi.waitFor(() => expect(heard).toBe(count), 20_000);
    }
    running.hub.emit({ name: 'models.changed', payload: {} });
    slow.resume();
    expect((await gone)[0]).toBe(1006);
    await vi.waitFor(() => expect(heard).toBe(65), 20_000);
    quick.close();
  });

  test('cuts off a client that answers no ping, and keeps one that does', async () => {
    const dead = await connect({ autoPong: false });
    const alive = await connect();
    const gone = once(dead, 'close');
    vi.advanceTimersByTime(heartbeat);
    await throughAndBack();
    expect(dead.readyState).toBe(WebSocket.OPEN);
    vi.advanceTimersByTime(heartbeat);
    expect((await gone)[0]).toBe(1006);
    await throughAndBack();
    vi.advanceTimersByTime(heartbeat);
    await throughAndBack();
    expect(alive.readyState).toBe(WebSocket.OPEN);
    alive.close();
  });

  test('cuts off nobody after a sleep, in which nobody could answer', async () => {
    const alive = await connect({ autoPong: false }); // its answer waits to be read
    const now = vi.spyOn(performance, 'now');
    vi.advanceTimersByTime(heartbeat);
    await throughAndBack();
    now.mockReturnValue(performance.now() + 60 * 60_000);
    vi.advanceTimersByTime(heartbeat);
    await throughAndBack();
    expect(alive.readyState).toBe(WebSocket.OPEN);
    now.mockRestore();
    alive.close();
  });
});
