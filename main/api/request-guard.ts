import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { hostname } from 'node:os';

/** Why a request goes no further. */
export interface Refusal {
  readonly status: number;
  readonly message: string;
}

export interface GuardOptions {
  readonly token: string;
  /** What the server was told to listen on. */
  readonly host: string;
  readonly cookieName: string;
}

export interface RequestGuard {
  /** Asked of every request: is it meant for this server? */
  refuseHost(request: IncomingMessage): Refusal | null;
  /** Asked of every call and every event socket: does it come from our page or from someone who has the token? */
  refuseCaller(request: IncomingMessage): Refusal | null;
  isToken(candidate: string): boolean;
}

const loopbackNames: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

export const createRequestGuard = ({ token, host, cookieName }: GuardOptions): RequestGuard => {
  const isOpen = !isLoopback(host);

  /**
   * A page of another site can have its name resolve to this address (DNS rebinding); the browser then sends that name.
   * So a name must be one that nobody else controls. An address in digits is no name, and can't be rebound.
   */
  const isOwnName = (name: string): boolean => {
    if (loopbackNames.has(name)) return true;
    return (
      isOpen &&
      (isIP(name.replace(/^\[|\]$/g, '')) > 0 ||
        name === hostname().toLowerCase() ||
        name === host.toLowerCase())
    );
  };

  const isToken = (candidate: string): boolean => timingSafeEqual(digest(candidate), digest(token));

  return {
    isToken,
    refuseHost({ headers }) {
      const url = parse(`http://${headers.host ?? ''}`);
      return url !== null && isOwnName(url.hostname)
        ? null
        : { status: 403, message: 'the Host header names another server' };
    },
    refuseCaller({ headers }) {
      const { origin } = headers;
      if (origin !== undefined && parse(origin)?.host !== parse(`http://${headers.host ?? ''}`)?.host) {
        return { status: 403, message: 'the request comes from a page of another site' };
      }
      const bearer = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1];
      if (bearer !== undefined && isToken(bearer)) return null;
      const cookie = cookieValue(headers.cookie, cookieName);
      if (cookie === null || !isToken(cookie)) {
        return {
          status: 401,
          message: 'not logged in: open the address with the token that `nora serve` printed',
        };
      }
      // A browser sends a cookie by itself, so the request must say that our page made it.
      return origin === undefined
        ? { status: 403, message: 'the request does not say which page it comes from' }
        : null;
    },
  };
};

export const isLoopback = (host: string): boolean => loopbackNames.has(host) || host === '::1';

/** Of equal length whatever was sent, so that comparing takes the same time. */
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

const parse = (address: string): URL | null => (URL.canParse(address) ? new URL(address) : null);

const cookieValue = (header: string | undefined, name: string): string | null => {
  for (const pair of (header ?? '').split(';')) {
    const [key, value] = pair.trim().split('=', 2);
    if (key === name && value !== undefined) return value;
  }
  return null;
};
