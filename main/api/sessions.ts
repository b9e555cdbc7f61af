import { createHmac, randomBytes } from 'node:crypto';
import { isSameSecret } from './same-secret.ts';

/**
 * What a browser holds of a login, in two halves that are worth nothing alone. Scripts can't read the cookie; but cookies know no ports, so
 * that any server at the same name is sent it. The page key lies in the page's own storage, which no page of another port reads.
 */
export interface BrowserSession {
  readonly cookie: string;
  readonly pageKey: string;
}

export interface Sessions {
  open(): BrowserSession;
  holds(session: BrowserSession): boolean;
}

const longestMilliseconds = 30 * 24 * 60 * 60_000;

/** Sessions are made from the token: they outlast a restart of the server, and end when the token is made anew. */
export const createSessions = (token: string, now: () => number = Date.now): Sessions => {
  const half = (name: 'cookie' | 'page', id: string): string =>
    createHmac('sha256', token).update(`${name} ${id}`).digest('base64url');

  return {
    open() {
      const id = `${now().toString(36)}-${randomBytes(16).toString('base64url')}`;
      return { cookie: `${id}.${half('cookie', id)}`, pageKey: half('page', id) };
    },
    holds({ cookie, pageKey }) {
      const [id = '', proof = ''] = cookie.split('.', 2);
      const isOurs = isSameSecret(proof, half('cookie', id));
      const isOfPage = isSameSecret(pageKey, half('page', id));
      const age = now() - Number.parseInt(id, 36); // up to the first -
      return isOurs && isOfPage && age <= longestMilliseconds;
    },
  };
};
