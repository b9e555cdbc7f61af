import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WorkbenchError } from '../engine/errors.ts';

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is already in use',
  EADDRNOTAVAIL: 'this machine has no such address',
  EACCES: 'the system keeps the port for itself; choose one above 1023',
  EAFNOSUPPORT: 'this machine has no addresses of that kind',
  EINVAL: 'it is no address',
  ENOTFOUND: 'there is no machine of that name',
  EAI_AGAIN: 'there is no machine of that name',
};

/**
 * @returns the port
 * @throws WorkbenchError `conflict` where the port is taken, `invalid-input` otherwise
 */
export const listen = (server: Server, port: number, host: string): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reason = reasons[error.code ?? ''] ?? 'the system does not allow it';
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
export const closeServer = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), 500);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
  });
