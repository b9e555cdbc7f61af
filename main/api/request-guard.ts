import type { IncomingMessage } from 'node:http';
import { isSameSecret } from './same-secret.ts';
import type { Sessions } from './sessions.ts';

/** Why a request goes no further. */
export interface Refusal {
  readonly status: number;
  readonly message: string;
}

export interface GuardOptions {
  readonly token: string;
  readonly sessions: Sessions;
  readonly cookieName: string;
  readonly protocol: 'http:' | 'https:';
  /** Whether a name other than this machine's own for itself is the server's: its certificate says so. */
  readonly isCertified: (name: string) => boolean;
}

export interface RequestGuard {
  /** Asked of every request: is it meant for this server? */
  refuseHost(request: IncomingMessage): Refusal | null;
  /** Asked of everything that changes or tells something: does it come from a page of another site? */
  refuseOrigin(request: IncomingMessage): Refusal | null;
  /** Asked of every call and every event socket: does it come from our page or from someone who has the token? */
  refuseCaller(request: IncomingMessage): Refusal | null;
}

const loopbackNames: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

/** What a page sends its key in, with calls. */
export const pageKeyHeader = 'x-nora-page-key';
/** What the event socket speaks. A page offers a second one, which is its key: a browser lets it set no header there. */
export const socketProtocol = 'nora';
const keyProtocol = /(?:^|,)\s*nora-key\.([\w-]+)\s*(?:,|$)/;

export const createRequestGuard = (options: GuardOptions): RequestGuard => {
  const { token, sessions, cookieName, protocol, isCertified } = options;

  const refuseOrigin = ({ headers }: IncomingMessage): Refusal | null => {
    const { origin } = headers;
    if (origin === undefined) return null;
    const own = parse(`${protocol}//${headers.host ?? ''}`)?.origin;
    return own !== undefined && parse(origin)?.origin === own
      ? null
      : { status: 403, message: 'the request comes from a page of another site' };
  };

  return {
    /**
     * A page of another site can have its name resolve to this address (DNS rebinding); the browser then sends that name.
     * So a name must be one that nobody else controls.
     */
    refuseHost({ headers }) {
      const name = parse(`${protocol}//${headers.host ?? ''}`)?.hostname;
      return name !== undefined && (loopbackNames.has(name) || isCertified(name))
        ? null
        : { status: 403, message: 'the Host header names another server' };
    },
    refuseOrigin,
    refuseCaller(request) {
      const { headers } = request;
      const foreign = refuseOrigin(request);
      if (foreign !== null) return foreign;
      const bearer = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1];
      if (bearer !== undefined && isSameSecret(bearer, token)) return null;
      const cookie = cookieValue(headers.cookie, cookieName);
      if (cookie === null || !sessions.holds({ cookie, pageKey: pageKeyOf(request) }))
        return {
          status: 401,
          message: 'not signed in: run `nora serve --login` and open the address that it prints',
        };
      // A browser sends a cookie by itself, so the request must say that our page made it.
      return headers.origin === undefined
        ? { status: 403, message: 'the request does not say which page it comes from' }
        : null;
    },
  };
};

export const isLoopback = (host: string): boolean => loopbackNames.has(host) || host === '::1';

const parse = (address: string): URL | null => (URL.canParse(address) ? new URL(address) : null);

const pageKeyOf = ({ headers }: IncomingMessage): string => {
  const sent = headers[pageKeyHeader];
  if (typeof sent === 'string') return sent;
  return keyProtocol.exec(headers['sec-websocket-protocol'] ?? '')?.[1] ?? '';
};

const cookieValue = (header: string | undefined, name: string): string | null => {
  for (const pair of (header ?? '').split(';')) {
    const [key, value] = pair.trim().split('=', 2);
    if (key === name && value !== undefined) return value;
  }
  return null;
};
