import { isFinalEvent } from '../protocol/final-events.ts';
import { trainerCommandSchema, trainerEventSchema } from '../protocol/protocol.ts';
import type { TrainerEvent } from '../protocol/protocol.ts';
import type { TrainerExit, TrainerProcess } from './trainer-process.ts';

/** What child_process and Electron's utilityProcess have in common, seen from the parent. */
export interface TrainerPort {
  send(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  /**
   * Called once, after the last message and the last of stderr.
   * @param problem why there never was a process
   */
  onExit(listener: (code: number | null, signal: string | null, problem?: string) => void): void;
  readonly stderr: NodeJS.ReadableStream | null;
  /** Ends the connection, upon which an idle trainer exits by itself. */
  release(): void;
  kill(): void;
}

const stderrTailLength = 4096;
/**
 * A trainer process over any port, both directions checked. A trainer that breaks the protocol is ended, as it can't be trusted
 * to go on: its exit then reports what it sent.
 */
export const connectTrainer = (port: TrainerPort): TrainerProcess => {
  const eventListeners: ((event: TrainerEvent) => void)[] = [];
  const exitListeners: ((exit: TrainerExit) => void)[] = [];
  let stderrTail = '';
  let isBroken = false;
  const keep = (text: string): void => {
    stderrTail = (stderrTail + text).slice(-stderrTailLength);
  };

  port.stderr?.on('data', (chunk: Buffer | string) => keep(chunk.toString()));
  port.onMessage((message) => {
    if (isBroken) return;
    const parsed = trainerEventSchema.safeParse(message);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      keep(`\nthe trainer broke its protocol: ${issue?.path.join('.')}: ${issue?.message}\n`);
      isBroken = true;
      port.kill();
      return;
    }
    for (const listener of eventListeners) listener(parsed.data);
    if (isFinalEvent(parsed.data)) port.release();
  });
  port.onExit((code, signal, problem) => {
    if (problem !== undefined) keep(`${problem}\n`);
    for (const listener of exitListeners) listener({ code, signal, stderrTail });
  });

  return {
    send: (command) => port.send(trainerCommandSchema.parse(command)),
    onEvent: (listener) => void eventListeners.push(listener),
    onExit: (listener) => void exitListeners.push(listener),
    kill: () => port.kill(),
  };
};
