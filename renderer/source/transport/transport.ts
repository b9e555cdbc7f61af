import type { FileChoice, MenuCommand, ShellRequest } from '../../../main/api/contract-channels.ts';
import type { Envelope, WorkbenchEvent } from '../../../main/api/contract.ts';

/** Why there is no connection: each is told in its own words, and ends in its own way. */
export type LostConnection =
  /** The workbench answers calls; only what it tells by itself is missed. */
  | 'interrupted'
  /** Nothing answers at this machine's own address: the workbench has ended. */
  | 'ended'
  /** Nothing answers at another machine's address: that, or the network between. */
  | 'unreachable'
  /** This machine has no network, and the workbench is on another. */
  | 'offline'
  /** The workbench answers, but not to this page. */
  | 'signed-out';
export type ConnectionState = 'connected' | LostConnection;

/** How the window reaches the workbench. Everything above this file is the same in Electron and in a browser. */
export interface Transport {
  call(method: string, params: unknown): Promise<Envelope<unknown>>;
  /** Returns the way to stop listening. */
  subscribe(listener: (event: WorkbenchEvent) => void): () => void;
  /** Only where a connection can break. Events are not replayed: on `connected`, ask again for what is shown. */
  watchConnection?(listener: (state: ConnectionState) => void): () => void;
  /** Only where the system has dialogs; null when the person changed their mind. */
  chooseFile?(choice?: FileChoice): Promise<string | null>;
  chooseFolder?(choice?: FileChoice): Promise<string | null>;
  /** Only where a window may know where a dropped file or folder lies; null for what lies on no disk. */
  pathOf?(dropped: File): string | null;
  /** Only where there is a menu bar: what it is to show of what can always be done. */
  offerCommands?(commands: readonly MenuCommand[]): Promise<unknown>;
  /** What the menu bar and notifications ask for. Returns the way to stop listening. */
  listenToShell?(listener: (request: ShellRequest) => void): () => void;
}
