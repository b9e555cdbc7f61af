import type { FileChoice } from '../../../main/api/contract-channels.ts';
import type { Envelope, WorkbenchEvent } from '../../../main/api/contract.ts';

export type ConnectionState = 'connected' | 'lost';

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
}
