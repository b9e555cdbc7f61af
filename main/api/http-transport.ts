/**
 * The contract over HTTP and WebSocket: how `nora serve` reaches a browser, and how anything else reaches `nora serve`.
 *
 * ## Signing in
 * `nora serve` prints `/?code=CODE`. The page takes the code out of its address and sends `POST /api/login`, `{"code": "CODE"}`, which uses it
 * up. The answer sets a cookie (HttpOnly, SameSite=Strict, named after the port) and holds the key of the page:
 *     {"ok": true, "result": {"pageKey": "…"}}
 * From then on the page sends both: the cookie by itself, the key as `X-Nora-Page-Key`, or for the event socket as the subprotocol
 * `nora-key.KEY` beside `nora`. Programs send `Authorization: Bearer TOKEN` instead; no browser is ever given the token.
 *
 * ## Calling
 * `POST /api/call`, `Content-Type: application/json`, body `{"method": "models.list", "params": {}}`.
 * The answer is always JSON, an `Envelope` of the contract:
 *     {"ok": true, "result": …}   or   {"ok": false, "error": {"code": "not-found", "message": "…"}}
 * Status 200 says that the router answered, with a result or with an error; 400, 401, 403, 404, 405, 413, 415 and 429 say that the
 * request did not reach it. The body is an envelope then too, so a client may ignore the status. 401 means: sign in again.
 *
 * ## Events
 * WebSocket `GET /api/events` with the same cookie and key, or header. The server sends one text message per event:
 *     {"name": "run.changed", "payload": …}   (`WorkbenchEvent` of the contract)
 * It expects none. It closes a connection that falls behind, and all of them with code 1001 when it stops. Events are not
 * replayed: after (re)connecting, a client asks again for what it shows. Not signed in, wrong origin: the upgrade is refused.
 *
 * ## The page
 * `GET` of anything else serves the built renderer; there are no server-side routes: `/` is index.html, the rest is files,
 * so the renderer routes in the fragment (`/#/experiments`). Relative and absolute URLs both work.
 *
 * ## Who may ask
 * The Host header must be a loopback name, or one that the server's certificate is made out for: no DNS rebinding. An Origin header
 * must be the server's own; a request with the cookie must have one, unless it is a plain GET. There is no CORS. Other machines reach the
 * server by TLS or not at all.
 */
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { invalidInput } from '../engine/errors.ts';
import { createEventSocket } from './event-socket.ts';
import { refuse, refuseUpgrade, send, sendJson, sendText } from './http-answers.ts';
import { closeServer, listen } from './listen.ts';
import { createLoginCodes, makeLoginCode, newLoginKey, type CodeJudgement } from './login-codes.ts';
import { mostCallBytes, mostLoginBytes, readJson } from './read-json.ts';
import { readRendererFile } from './renderer-files.ts';
import { createRequestGuard, isLoopback, type Refusal } from './request-guard.ts';
import type { Router } from './router.ts';
import type { ServerCertificate } from './server-certificate.ts';
import { createSessions } from './sessions.ts';
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
  /** What codes for this server are made with; drawn anew when absent. */
  readonly loginKey?: string | undefined;
  /** Told when a browser has signed in. */
  readonly onLogin?: (() => void) | undefined;
  /** Told of each request that nobody who is signed in would make. */
  readonly onRefusal?: ((refusal: Refusal) => void) | undefined;
  /** Speaks TLS with this. Without it the server listens to this machine alone. */
  readonly certificate?: ServerCertificate | undefined;
}

export interface RunningServer {
  /** `http://127.0.0.1:7860/` */
  readonly url: string;
  readonly port: number;
  readonly token: string;
  /** An address that signs one browser in, once. */
  makeLoginUrl(): string;
  close(): Promise<void>;
}

const callPath = '/api/call';
const eventsPath = '/api/events';
const loginPath = '/api/login';

/** What is open to other machines is so by TLS or not at all. */
const tlsVersions = { minVersion: 'TLSv1.2' } as const;

/** @throws WorkbenchError when the address can't be listened on, the token is too weak, or other machines would be listened to without TLS. */
export const startServer = async (options: ServerOptions): Promise<RunningServer> => {
  const {
    router,
    rendererDirectory,
    port = 0,
    host = '127.0.0.1',
    token = newToken(),
    certificate,
  } = options;
  const { loginKey = newLoginKey(), onLogin, onRefusal } = options;
  if (!tokenForm.test(token)) throw invalidInput('the token must be at least 16 letters, digits, - or _');
  if (certificate === undefined && !isLoopback(host))
    throw invalidInput(`${host}: is open to other machines, which takes a certificate and its key`);

  const isSecure = certificate !== undefined;
  const server = isSecure
    ? createSecureServer({ cert: certificate.certificate, key: certificate.key, ...tlsVersions })
    : createServer();
  const boundPort = await listen(server, port, host);
  // Cookies do not know ports: two workbenches on one machine would overwrite each other's.
  const cookieName = `${isSecure ? '__Host-' : ''}nora-${boundPort}`;
  const cookieFlags = `Path=/; HttpOnly; SameSite=Strict${isSecure ? '; Secure' : ''}`;
  const sessions = createSessions(token);
  const codes = createLoginCodes(loginKey);
  const guard = createRequestGuard({
    token,
    sessions,
    cookieName,
    protocol: isSecure ? 'https:' : 'http:',
    isCertified: (name) => certificate?.isFor(name) === true,
  });
  const events = createEventSocket(router);

  const turnAway = (response: ServerResponse, refusal: Refusal): void => {
    onRefusal?.(refusal);
    refuse(response, refusal);
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = pathOf(request);
    const refusal = guard.refuseHost(request);
    if (refusal !== null) return turnAway(response, refusal);
    if (path === callPath) return answerCall(request, response);
    if (path === loginPath) return answerLogin(request, response);
    if (path.startsWith('/api/'))
      return refuse(response, { status: 404, message: `no such address: ${path.slice(0, 100)}` });
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return refuse(response, { status: 405, message: 'GET only' }, { allow: 'GET, HEAD' });
    return answerFile(path, response);
  };

  const answerCall = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method !== 'POST')
      return refuse(response, { status: 405, message: 'POST only' }, { allow: 'POST' });
    const refusal = guard.refuseCaller(request);
    if (refusal !== null) return turnAway(response, refusal);
    const body = await readJson(request, mostCallBytes);
    if ('refusal' in body) return refuse(response, body.refusal);
    if (!isCall(body.value))
      return refuse(response, { status: 400, message: 'the body must be {"method": …, "params": …}' });
    sendJson(response, 200, await router.call(body.value.method, body.value.params));
  };

  const answerLogin = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method !== 'POST')
      return refuse(response, { status: 405, message: 'POST only' }, { allow: 'POST' });
    const refusal = guard.refuseOrigin(request);
    if (refusal !== null) return turnAway(response, refusal);
    const body = await readJson(request, mostLoginBytes);
    if ('refusal' in body) return refuse(response, body.refusal);
    if (!isLogin(body.value))
      return refuse(response, { status: 400, message: 'the body must be {"code": …}' });
    const judgement = codes.use(body.value.code);
    if (judgement !== 'good') return turnAway(response, codeRefusals[judgement]);
    const { cookie, pageKey } = sessions.open();
    response.setHeader('set-cookie', `${cookieName}=${cookie}; ${cookieFlags}`);
    sendJson(response, 200, { ok: true, result: { pageKey } });
    onLogin?.();
  };

  const answerFile = async (path: string, response: ServerResponse): Promise<void> => {
    const file = await readRendererFile(rendererDirectory, path);
    if (file !== null) return send(response, 200, file.contentType, file.body);
    sendText(response, 404, path === '/' ? 'The window is not built yet: npm run build' : 'Not found');
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
    else {
      onRefusal?.(refusal);
      refuseUpgrade(socket, refusal);
    }
  });

  const url = `${isSecure ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${boundPort}/`;
  return {
    url,
    port: boundPort,
    token,
    makeLoginUrl: () => loginUrl(url, loginKey),
    close: () => {
      events.close();
      return closeServer(server);
    },
  };
};

const notFound: Refusal = { status: 404, message: 'no such address' };

/** An address that signs one browser in: made by the server, or by whoever may read its key. */
export const loginUrl = (url: string, loginKey: string): string => `${url}?code=${makeLoginCode(loginKey)}`;

const another = 'run `nora serve --login` for another address';
const codeRefusals: Readonly<Record<Exclude<CodeJudgement, 'good'>, Refusal>> = {
  wrong: { status: 401, message: `this is no code of this server: ${another}` },
  used: { status: 401, message: `this address was used already, and works once: ${another}` },
  expired: { status: 401, message: `this address is too old: ${another}` },
  'too-many': { status: 429, message: `too many wrong codes, and this is one: ${another}` },
};

/** As sent: `..` is judged, not silently resolved. */
const pathOf = ({ url = '/' }: IncomingMessage): string => url.split(/[?#]/, 1)[0] ?? '/';

const isCall = (body: unknown): body is { method: unknown; params?: unknown } =>
  typeof body === 'object' && body !== null && Object.hasOwn(body, 'method');

const isLogin = (body: unknown): body is { code: string } =>
  typeof body === 'object' && body !== null && 'code' in body && typeof body.code === 'string';
