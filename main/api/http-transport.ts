/**
 * The contract over HTTP and WebSocket: how `nora serve` reaches a browser, and how anything else reaches `nora serve`.
 *
 * ## Opening
 * `GET /?token=TOKEN` answers 303 to `/` and sets the token as a cookie (HttpOnly, SameSite=Strict, named after the port).
 * From then on the page is logged in; script never sees the token. Other clients send `Authorization: Bearer TOKEN`.
 *
 * ## Calling
 * `POST /api/call`, `Content-Type: application/json`, body `{"method": "models.list", "params": {}}`.
 * The answer is always JSON, an `Envelope` of the contract:
 *     {"ok": true, "result": …}   or   {"ok": false, "error": {"code": "not-found", "message": "…"}}
 * Status 200 says that the router answered, with a result or with an error; 400, 401, 403, 404, 405, 413 and 415 say that the
 * request did not reach it. The body is an envelope then too, so a client may ignore the status. 401 means: open
 * the address with the token again.
 *
 * ## Events
 * WebSocket `GET /api/events` with the same cookie or header. The server sends one text message per event:
 *     {"name": "run.changed", "payload": …}   (`WorkbenchEvent` of the contract)
 * It expects none. It closes a connection that falls behind, and all of them with code 1001 when it stops. Events are not
 * replayed: after (re)connecting, a client asks again for what it shows. No token, wrong origin: the upgrade is refused.
 *
 * ## The page
 * `GET` of anything else serves the built renderer; there are no server-side routes: `/` is index.html, the rest is files,
 * so the renderer routes in the fragment (`/#/experiments`). Relative and absolute URLs both work.
 *
 * ## Who may ask
 * The Host header must be a loopback name (or what the server was told to listen on): no DNS rebinding. An Origin header
 * must be the server's own; a request with the cookie must have one, unless it is a plain GET. There is no CORS.
 */
import { createServer, STATUS_CODES } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { invalidInput, WorkbenchError } from '../engine/errors.ts';
import { securityHeaders } from './content-security-policy.ts';
import type { Envelope } from './contract.ts';
import { createEventSocket } from './event-socket.ts';
import { readJson } from './read-json.ts';
import { readRendererFile } from './renderer-files.ts';
import { createRequestGuard } from './request-guard.ts';
import type { Refusal } from './request-guard.ts';
import type { Router } from './router.ts';
import { newToken, tokenForm } from './token-file.ts';

export interface ServerOptions {
  readonly router: Router;
  /** The built renderer: index.html and its files. */
  readonly rendererDirectory: string;
  /** 0 takes a free one. */
  readonly port?: number;
  readonly host?: string;
  /** At least 16 letters, digits, `-` or `_`. Drawn at random when absent. */
  readonly token?: string | undefined;
}

export interface RunningServer {
  /** Without the token: `http://127.0.0.1:7860/`. */
  readonly url: string;
  /** What a browser opens once: the address with the token. */
  readonly loginUrl: string;
  readonly port: number;
  readonly token: string;
  close(): Promise<void>;
}

const callPath = '/api/call';
const eventsPath = '/api/events';

/** @throws WorkbenchError when the address can't be listened on, or the token is too weak. */
export const startServer = async (options: ServerOptions): Promise<RunningServer> => {
  const { router, rendererDirectory, port = 0, host = '127.0.0.1', token = newToken() } = options;
  if (!tokenForm.test(token)) throw invalidInput('the token must be at least 16 letters, digits, - or _');

  const server = createServer();
  const boundPort = await listen(server, port, host);
  // Cookies do not know ports: two workbenches on one machine would overwrite each other's.
  const cookieName = `nora-${boundPort}`;
  const guard = createRequestGuard({ token, host, cookieName });
  const events = createEventSocket(router);

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = pathOf(request);
    const refusal = guard.refuseHost(request);
    if (refusal !== null) return refuse(response, refusal);
    if (path === callPath) return answerCall(request, response);
    if (path.startsWith('/api/'))
      return refuse(response, { status: 404, message: `no such address: ${path.slice(0, 100)}` });
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return refuse(response, { status: 405, message: 'GET only' }, { allow: 'GET, HEAD' });
    const offered = path === '/' ? queryOf(request).get('token') : null;
    return offered === null ? answerFile(path, response) : logIn(offered, response);
  };

  const answerCall = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method !== 'POST')
      return refuse(response, { status: 405, message: 'POST only' }, { allow: 'POST' });
    const refusal = guard.refuseCaller(request);
    if (refusal !== null) return refuse(response, refusal);
    const body = await readJson(request);
    if ('refusal' in body) return refuse(response, body.refusal);
    if (!isCall(body.value))
      return refuse(response, { status: 400, message: 'the body must be {"method": …, "params": …}' });
    sendJson(response, 200, await router.call(body.value.method, body.value.params));
  };

  const answerFile = async (path: string, response: ServerResponse): Promise<void> => {
    const file = await readRendererFile(rendererDirectory, path);
    if (file !== null) return send(response, 200, file.contentType, file.body);
    sendText(response, 404, path === '/' ? 'The window is not built yet: npm run build' : 'Not found');
  };

  const logIn = (offered: string, response: ServerResponse): void => {
    if (!guard.isToken(offered))
      return sendText(response, 401, 'This is not the token that `nora serve` printed.');
    const cookie = `${cookieName}=${token}; Path=/; HttpOnly; SameSite=Strict`;
    response
      .writeHead(303, {
        ...securityHeaders,
        'cache-control': 'no-store',
        'set-cookie': cookie,
        location: '/',
      })
      .end();
  };

  server.on('request', (request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (request.destroyed) return; // the client went away
      console.error(error);
      response.destroy();
    });
  });

  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    const refusal =
      pathOf(request) === eventsPath ? (guard.refuseHost(request) ?? guard.refuseCaller(request)) : notFound;
    if (refusal === null) events.accept(request, socket, head);
    else refuseUpgrade(socket, refusal);
  });

  const url = `http://${host.includes(':') ? `[${host}]` : host}:${boundPort}/`;
  return {
    url,
    loginUrl: `${url}?token=${token}`,
    port: boundPort,
    token,
    close: () => {
      events.close();
      return closeServer(server);
    },
  };
};

const notFound: Refusal = { status: 404, message: 'no such address' };

const listenReasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is already in use',
  EADDRNOTAVAIL: 'this machine has no such address',
  EACCES: 'the system keeps the port for itself; choose one above 1023',
  EAFNOSUPPORT: 'this machine has no addresses of that kind',
  EINVAL: 'it is no address',
  ENOTFOUND: 'there is no machine of that name',
  EAI_AGAIN: 'there is no machine of that name',
};

const listen = (server: Server, port: number, host: string): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reason = listenReasons[error.code ?? ''] ?? 'the system does not allow it';
      reject(
        new WorkbenchError(
          error.code === 'EADDRINUSE' ? 'conflict' : 'invalid-input',
          `can't listen on ${host}:${port}: ${reason}`,
          { cause: error },
        ),
      );
    });
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });

/** Gives open connections a moment to hear the end, then cuts them. */
const closeServer = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), 500);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
  });

/** As sent: `..` is judged, not silently resolved. */
const pathOf = ({ url = '/' }: IncomingMessage): string => url.split(/[?#]/, 1)[0] ?? '/';

const queryOf = ({ url = '/' }: IncomingMessage): URLSearchParams =>
  new URLSearchParams(url.slice(url.indexOf('?') + 1));

const isCall = (body: unknown): body is { method: unknown; params?: unknown } =>
  typeof body === 'object' && body !== null && Object.hasOwn(body, 'method');

const send = (response: ServerResponse, status: number, contentType: string, body: Buffer | string): void => {
  const headers = {
    ...securityHeaders,
    'cache-control': 'no-store',
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
  };
  response.writeHead(status, headers).end(response.req.method === 'HEAD' ? undefined : body);
};

const sendText = (response: ServerResponse, status: number, text: string): void =>
  send(response, status, 'text/plain; charset=utf-8', `${text}\n`);

const sendJson = (response: ServerResponse, status: number, value: unknown): void =>
  send(response, status, 'application/json; charset=utf-8', JSON.stringify(value));

const refusalEnvelope = ({ status, message }: Refusal): Envelope<never> => ({
  ok: false,
  error: { code: status === 404 ? 'not-found' : 'invalid-input', message },
});

/** Closes the connection too: what is left of the request need not be read. */
const refuse = (response: ServerResponse, refusal: Refusal, headers: Record<string, string> = {}): void => {
  for (const [name, value] of Object.entries({ ...headers, connection: 'close' }))
    response.setHeader(name, value);
  sendJson(response, refusal.status, refusalEnvelope(refusal));
};

const refuseUpgrade = (socket: Duplex, { status }: Refusal): void => {
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
};
