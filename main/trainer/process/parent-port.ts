/** The parent, seen from the trainer process. */
export interface ParentConnection {
  send(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  /** Called once, when the parent is gone or has let go. */
  onDisconnect(listener: () => void): void;
}

/** Electron's utility process has its port here; nobody else does. */
interface UtilityProcessPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { data: unknown }) => void): void;
  on(event: 'close', listener: () => void): void;
}

/** The connection to whoever started this process: Electron's utilityProcess or child_process.fork. */
export const connectParent = (): ParentConnection => {
  const { parentPort } = process as NodeJS.Process & { parentPort?: UtilityProcessPort };
  return parentPort === undefined ? forkConnection() : utilityConnection(parentPort);
};

const forkConnection = (): ParentConnection => ({
  send: (message) => {
    // A parent that is gone has no use for the news: the disconnect says what to do.
    if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
  },
  onMessage: (listener) => void process.on('message', listener),
  onDisconnect: (listener) => {
    // It may have gone while this process was still loading.
    if (process.connected) process.once('disconnect', listener);
    else setImmediate(listener);
  },
});

const utilityConnection = (port: UtilityProcessPort): ParentConnection => ({
  send: (message) => port.postMessage(message),
  onMessage: (listener) => port.on('message', ({ data }) => listener(data)),
  onDisconnect: (listener) => port.on('close', listener),
});
