import type { Envelope, WorkbenchEvent } from '../../../main/api/contract.ts';
import { createReconnectingSocket } from './reconnecting-socket.ts';
import { pageKey } from './sign-in.ts';
import type { LostConnection, Transport } from './transport.ts';

const loopbackNames: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

const failure = (message: string): Envelope<never> => ({ ok: false, error: { code: 'internal', message } });

/** The protocol of main/api/http-transport.ts: calls as POST, events over one WebSocket, both with the session's cookie and the page's key. */
export const createHttpTransport = ({
  origin,
  hostname,
}: {
  origin: string;
  hostname: string;
}): Transport => {
  const listeners = new Set<(event: WorkbenchEvent) => void>();
  const post = (method: string, params: unknown): Promise<Response> =>
    fetch('/api/call', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-nora-page-key': pageKey() },
      body: JSON.stringify({ method, params }),
    });

  const findReason = async (): Promise<LostConnection> => {
    try {
      const { status } = await post('queue.show', {});
      return status === 401 ? 'signed-out' : 'interrupted';
    } catch {
      if (loopbackNames.has(hostname)) return 'ended';
      return navigator.onLine ? 'unreachable' : 'offline';
    }
  };

  const socket = createReconnectingSocket(
    `${origin.replace(/^http/, 'ws')}/api/events`,
    () => ['nora', `nora-key.${pageKey()}`],
    (message) => {
      const event = JSON.parse(message) as WorkbenchEvent;
      for (const listener of listeners) listener(event);
    },
    findReason,
  );

  return {
    async call(method, params) {
      try {
        const response = await post(method, params);
        return (await response.json()) as Envelope<unknown>;
      } catch {
        return failure('The workbench does not answer. Is it still running?');
      }
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    watchConnection: socket.watch,
  };
};
