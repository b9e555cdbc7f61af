import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { socketProtocol } from './request-guard.ts';
import type { Router } from './router.ts';

/** What a client may have waiting before it counts as gone, bytes. */
const mostWaiting = 8 * 1024 * 1024;
const heartbeatMilliseconds = 30_000;
/** A heartbeat that comes so much late was not this process's to make. */
const leastSleepMilliseconds = 1000;

export interface EventSocket {
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  close(): void;
}

/** Every event to every open WebSocket, as one text message. Clients have nothing to say: calls go by HTTP. */
export const createEventSocket = (router: Pick<Router, 'subscribe'>): EventSocket => {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: 1024,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(socketProtocol) ? socketProtocol : false),
  });

  const unsubscribe = router.subscribe((event) => {
    if (server.clients.size === 0) return;
    const message = JSON.stringify(event);
    for (const client of server.clients) {
      if (client.bufferedAmount > mostWaiting) client.terminate();
      else if (client.readyState === client.OPEN) client.send(message);
    }
  });

  // Finds connections whose other end went away without a word.
  const answering = new WeakSet<object>();
  let last = performance.now();
  const heartbeat = setInterval(() => {
    // After a sleep the answers to what was asked before it wait to be read: nobody is gone yet.
    const hasSlept = performance.now() - last > heartbeatMilliseconds + leastSleepMilliseconds;
    last = performance.now();
    for (const client of server.clients) {
      if (!answering.delete(client) && !hasSlept) client.terminate();
      else client.ping();
    }
  }, heartbeatMilliseconds);
  heartbeat.unref();

  server.on('connection', (client) => {
    answering.add(client);
    client.on('pong', () => answering.add(client));
    client.on('error', () => client.terminate()); // a malformed or too long message
  });

  return {
    accept(request, socket, head) {
      server.handleUpgrade(request, socket, head, (client) => server.emit('connection', client, request));
    },
    close() {
      unsubscribe();
      clearInterval(heartbeat);
      for (const client of server.clients) client.close(1001);
      server.close();
    },
  };
};
