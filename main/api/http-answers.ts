import { STATUS_CODES } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { securityHeaders } from './content-security-policy.ts';
import type { Envelope } from './contract.ts';
import type { Refusal } from './request-guard.ts';

/** What goes back over HTTP, each with the headers that keep a browser strict; no cache keeps any of it. */
export const send = (
  response: ServerResponse,
  status: number,
  contentType: string,
  body: Buffer | string,
): void => {
  const headers = {
    ...securityHeaders,
    'cache-control': 'no-store',
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
  };
  response.writeHead(status, headers).end(response.req.method === 'HEAD' ? undefined : body);
};

export const sendText = (response: ServerResponse, status: number, text: string): void =>
  send(response, status, 'text/plain; charset=utf-8', `${text}\n`);

export const sendJson = (response: ServerResponse, status: number, value: unknown): void =>
  send(response, status, 'application/json; charset=utf-8', JSON.stringify(value));

const refusalEnvelope = ({ status, message }: Refusal): Envelope<never> => ({
  ok: false,
  error: { code: status === 404 ? 'not-found' : 'invalid-input', message },
});

/** Closes the connection too: what is left of the request need not be read. */
export const refuse = (
  response: ServerResponse,
  refusal: Refusal,
  headers: Record<string, string> = {},
): void => {
  for (const [name, value] of Object.entries({ ...headers, connection: 'close' }))
    response.setHeader(name, value);
  sendJson(response, refusal.status, refusalEnvelope(refusal));
};

export const refuseUpgrade = (socket: Duplex, { status }: Refusal): void => {
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
};
