const place = 'nora-page-key';
/** Where a browser keeps nothing. */
let unkept = '';

/**
 * The half of a login that the page itself holds, beside the cookie: pages of other ports are sent that one, but can't read this. Shared by
 * all tabs of this address.
 */
export const pageKey = (): string => {
  try {
    return localStorage.getItem(place) ?? unkept;
  } catch {
    return unkept;
  }
};

const keep = (key: string): void => {
  unkept = key;
  try {
    localStorage.setItem(place, key);
  } catch {
    // For this page alone, then.
  }
};

/** Takes the code out of the address, and out of the browser's history with it, and uses it up. Without one there is nothing to do. */
export const signInByAddress = async (): Promise<void> => {
  const { pathname, search, hash } = window.location;
  const code = new URLSearchParams(search).get('code');
  if (code === null) return;
  window.history.replaceState(window.history.state, '', `${pathname}${hash}`);
  try {
    const response = await fetch('/api/login', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code }),
    });
    const answer = (await response.json()) as { ok: boolean; result?: { pageKey: string } };
    if (answer.ok && answer.result !== undefined) keep(answer.result.pageKey);
  } catch {
    // Nothing answers, which the page tells of by itself.
  }
};
