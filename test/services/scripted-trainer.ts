import { vi } from 'vitest';
import { trainerCommandSchema, trainerEventSchema } from '../../main/trainer/protocol/protocol.ts';
import type {
  RunEvent,
  RunSpecification,
  TrainerCommand,
  TrainerEvent,
} from '../../main/trainer/protocol/protocol.ts';
import type { SpawnTrainer, TrainerExit } from '../../main/trainer/process/trainer-process.ts';

/** A trainer process that does what a test says. */
export interface ScriptedTrainer {
  readonly commands: TrainerCommand[];
  readonly killed: boolean;
  /** What is an event of a run is told of that run: the job's first where none is named. */
  emit(event: TrainerEvent | RunEvent, run?: string): void;
  /** A final event, and the exit that follows it. */
  end(event: TrainerEvent | RunEvent): void;
  exit(exit?: Partial<TrainerExit>): void;
  /** Of a training job, its first run or another one. */
  specification(run?: number): RunSpecification;
  /** Names of a training job's runs, in their order. */
  runs(): string[];
}

export interface ScriptedTrainers {
  readonly spawn: SpawnTrainer;
  readonly started: ScriptedTrainer[];
  /** Waits until the n-th trainer, from 0, has its job. */
  nth(index: number): Promise<ScriptedTrainer>;
}

/** A machine that does much else takes its time. */
const patience = { timeout: 20_000 };

export const scriptedTrainers = (): ScriptedTrainers => {
  const started: ScriptedTrainer[] = [];
  const spawn: SpawnTrainer = () => {
    const commands: TrainerCommand[] = [];
    const eventListeners: ((event: TrainerEvent) => void)[] = [];
    const exitListeners: ((exit: TrainerExit) => void)[] = [];
    let killed = false;
    let gone = false;
    const job = () => {
      const [first] = commands;
      return first?.type === 'train' ? first.runs : undefined;
    };
    const emit = (event: TrainerEvent | RunEvent, run = job()?.[0]?.run): void => {
      const isOfRun = run !== undefined && event.type !== 'of-run' && event.type !== 'trained';
      const parsed = trainerEventSchema.parse(isOfRun ? { type: 'of-run', run, event } : event);
      for (const listener of eventListeners) listener(parsed);
    };
    const exit = (how: Partial<TrainerExit> = {}): void => {
      if (gone) return;
      gone = true;
      for (const listener of exitListeners) listener({ code: 0, signal: null, stderrTail: '', ...how });
    };
    started.push({
      commands,
      get killed() {
        return killed;
      },
      emit,
      exit,
      end: (event) => {
        emit(event);
        exit();
      },
      specification: (run = 0) => {
        const specification = job()?.[run]?.specification;
        if (specification === undefined) throw new Error('this trainer was not asked to train that');
        return specification;
      },
      runs: () => (job() ?? []).map(({ run }) => run),
    });
    return {
      send: (command) => void commands.push(trainerCommandSchema.parse(command)),
      onEvent: (listener) => void eventListeners.push(listener),
      onExit: (listener) => void exitListeners.push(listener),
      kill: () => {
        killed = true;
        queueMicrotask(() => exit({ code: null, signal: 'SIGKILL' }));
      },
    };
  };
  const nth = (index: number): Promise<ScriptedTrainer> =>
    vi.waitFor(() => {
      const trainer = started[index];
      if (trainer === undefined || trainer.commands.length === 0)
        throw new Error(`no trainer ${index} has a job`);
      return trainer;
    }, patience);
  return { spawn, started, nth };
};
