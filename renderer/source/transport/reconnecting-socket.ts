import type { ConnectionState, LostConnection } from './transport.ts';

const firstDelay = 250;
const longestDelay = 5000;

/**
 * A WebSocket that comes back, waiting twice as long after each failure.
 * @param protocols asked at each attempt
 * @param findReason asked whenever it is closed: a browser does not say why
 */
export const createReconnectingSocket = (
  url: string,
  protocols: () => string[],
  onMessage: (message: string) => void,
  findReason: () => Promise<LostConnection>,
) => {
  const watchers = new Set<(state: ConnectionState) => void>();
  let state: ConnectionState | undefined;
  let delay = firstDelay;

  const tell = (next: ConnectionState): void => {
    if (next === state) return;
    state = next;
    for (const watcher of watchers) watcher(next);
  };

  const open = (): void => {
    const socket = new WebSocket(url, protocols());
    socket.addEventListener('open', () => {
      delay = firstDelay;
      tell('connected');
    });
    socket.addEventListener('message', ({ data }: MessageEvent<string>) => onMessage(data));
    socket.addEventListener('close', async () => {
      tell(await findReason());
      setTimeout(open, delay);
      delay = Math.min(delay * 2, longestDelay);
    });
  };
  open();

  return {
    watch(watcher: (state: ConnectionState) => void): () => void {
      watchers.add(watcher);
      if (state !== undefined) watcher(state);
      return () => void watchers.delete(watcher);
    },
  };
};
