import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** What lies between a browser and the workbench, and can be pulled out and put back in. */
export interface Cable {
  readonly port: number;
  /** Cuts what goes through, and lets nothing more through. */
  pull(): void;
  /** Cuts what goes through once; whoever tries again gets through. */
  cut(): void;
  plug(): void;
  remove(): Promise<void>;
}

/** A port of its own, from which every byte goes to the given one of this machine and back. */
export const createCable = async (to: number): Promise<Cable> => {
  const open = new Set<Socket>();
  let isPlugged = true;
  const keep = (socket: Socket): void => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => socket.destroy());
  };
  const server = createServer((near) => {
    keep(near);
    if (!isPlugged) return void near.destroy();
    const far = connect(to, '127.0.0.1');
    keep(far);
    near.pipe(far).pipe(near);
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => open.forEach((socket) => socket.destroy());
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    pull: () => {
      isPlugged = false;
      cut();
    },
    plug: () => void (isPlugged = true),
    remove: async () => {
      server.close();
      cut();
      await once(server, 'close');
    },
  };
};
