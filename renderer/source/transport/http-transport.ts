import type { Envelope, WorkbenchEvent } from '../../../main/api/contract.ts';
import { createReconnectingSocket } from './reconnecting-socket.ts';
import type { Transport } from './transport.ts';

const failure = (message: string): Envelope<never> => ({ ok: false, error: { code: 'internal', message } });

/** The protocol of main/api/http-transport.ts: calls as POST, events over one WebSocket, both with the session's cookie. */
export const createHttpTransport = ({ origin }: { origin: string }): Transport => {
  const listeners = new Set<(event: WorkbenchEvent) => void>();
  const socket = createReconnectingSocket(`${origin.replace(/^http/, 'ws')}/api/events`, (message) => {
    const event = JSON.parse(message) as WorkbenchEvent;
    for (const listener of listeners) listener(event);
  });

  return {
    async call(method, params) {
      try {
        const response = await fetch('/api/call', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ method, params }),
        });
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
