import type { RealWorkbench } from '../e2e/real-workbench.ts';

/** What was measured: a row of the table that is printed. */
export type Line = readonly [what: string, measured: string];

export interface LoadContext {
  readonly workbench: RealWorkbench;
  /** In the load's own folder, which the server may read. */
  path(...names: string[]): string;
  /** The same data directory in a new process. Gives seconds until it answers. */
  restart(): Promise<number>;
}

/** One way of asking much of a real server. */
export interface Load {
  readonly name: string;
  readonly what: string;
  run(context: LoadContext): Promise<Line[]>;
}
