import { createHttpTransport } from './http-transport.ts';
import type { Transport } from './transport.ts';

declare global {
  interface Window {
    /** Set by the Electron preload. */
    nora?: Transport;
  }
}

export const chooseTransport = (): Transport => window.nora ?? createHttpTransport(window.location);
