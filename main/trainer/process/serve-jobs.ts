import type { DeviceName } from '../../engine/runtime/device-names.ts';
import type { JobContext, SessionContext } from '../protocol/job.ts';
import { isFinalEvent } from '../protocol/final-events.ts';
import type { BudgetQuestion } from '../protocol/budget-schema.ts';
import type { SurveyQuestion } from '../protocol/survey-schema.ts';
import type { DecomposeSpecification } from '../protocol/decompose-schema.ts';
import type { MemoryQuestion } from '../protocol/memory-schema.ts';
import type { HeldSignals } from './end-signals.ts';
import { failureOf } from './failure.ts';
import type { ParentConnection } from './parent-port.ts';
import { createQuestionQueue } from './question-queue.ts';
import { trainerCommandSchema, trainerEventSchema } from '../protocol/protocol.ts';
import type {
  BenchDecodingSpecification,
  BenchSpecification,
  ClassifySpecification,
  CombineSpecification,
  DiagnoseSpecification,
  DrawSpecification,
  ExportSpecification,
  FidelitySpecification,
  GenerateSpecification,
  ImportSpecification,
  ScoreSpecification,
  TrainerCommand,
  TrainerEvent,
} from '../protocol/protocol.ts';

export interface Jobs {
  train(runs: NamedRuns, context: JobContext): Promise<void>;
  export(specification: ExportSpecification, context: JobContext): Promise<void>;
  import(specification: ImportSpecification, context: JobContext): Promise<void>;
  bench(specification: BenchSpecification, context: JobContext): Promise<void>;
  'bench-decoding'(specification: BenchDecodingSpecification, context: JobContext): Promise<void>;
  score(specification: ScoreSpecification, context: JobContext): Promise<void>;
  fidelity(specification: FidelitySpecification, context: JobContext): Promise<void>;
  probe(device: DeviceName, context: JobContext): Promise<void>;
  diagnose(specification: DiagnoseSpecification, context: JobContext): Promise<void>;
  combine(specification: CombineSpecification, context: JobContext): Promise<void>;
  decompose(specification: DecomposeSpecification, context: JobContext): Promise<void>;
  estimate(question: MemoryQuestion, context: JobContext): Promise<void>;
  generate(specification: GenerateSpecification, context: SessionContext): Promise<void>;
  classify(specification: ClassifySpecification, context: SessionContext): Promise<void>;
  draw(specification: DrawSpecification, context: SessionContext): Promise<void>;
  budget(question: BudgetQuestion, context: JobContext): Promise<void>;
  overlap(runs: PlannedRuns, context: JobContext): Promise<void>;
  survey(question: SurveyQuestion, context: JobContext): Promise<void>;
}

/** What a process does that only reads. */
export type ReadFiles = (command: ReadCommand, emit: JobContext['emit']) => Promise<void>;

type ReadCommand = Extract<TrainerCommand, { type: 'read' }>;

type NamedRuns = Extract<TrainerCommand, { type: 'train' }>['runs'];
type PlannedRuns = Extract<TrainerCommand, { type: 'overlap' }>['runs'];
type JobCommand = Extract<TrainerCommand, { type: keyof Jobs }>;

const perform = (jobs: Jobs, command: JobCommand, context: SessionContext): Promise<void> => {
  switch (command.type) {
    case 'train':
      return jobs.train(command.runs, context);
    case 'export':
      return jobs.export(command.specification, context);
    case 'import':
      return jobs.import(command.specification, context);
    case 'bench':
      return jobs.bench(command.specification, context);
    case 'bench-decoding':
      return jobs['bench-decoding'](command.specification, context);
    case 'score':
      return jobs.score(command.specification, context);
    case 'fidelity':
      return jobs.fidelity(command.specification, context);
    case 'probe':
      return jobs.probe(command.device, context);
    case 'diagnose':
      return jobs.diagnose(command.specification, context);
    case 'combine':
      return jobs.combine(command.specification, context);
    case 'decompose':
      return jobs.decompose(command.specification, context);
    case 'estimate':
      return jobs.estimate(command.question, context);
    case 'generate':
      return jobs.generate(command.specification, context);
    case 'classify':
      return jobs.classify(command.specification, context);
    case 'draw':
      return jobs.draw(command.specification, context);
    case 'budget':
      return jobs.budget(command.question, context);
    case 'overlap':
      return jobs.overlap(command.runs, context);
    case 'survey':
      return jobs.survey(command.question, context);
  }
};

/**
 * The life of a trainer process: one job (which may be to answer questions until there are no more) or files to read, then it waits for the parent to let go, so that its final events are never lost.
 * A parent that vanishes counts as a pause, and so does a signal that asks this process to end: the job writes its checkpoints and the process ends.
 */
export const serveJobs = (
  parent: ParentConnection,
  jobs: Jobs,
  signals: HeldSignals,
  read: ReadFiles,
): void => {
  let stop: 'pause' | 'cancel' | null = null;
  const stopOfRun = new Map<string, 'pause' | 'cancel'>();
  /** The signal that asked this process to end. */
  let askedBy: string | null = null;
  let job: Promise<void> | undefined;

  let ended = false;
  const emit = (event: TrainerEvent): void => {
    const parsed = trainerEventSchema.safeParse(event);
    if (!parsed.success) throw protocolError(event, parsed.error.issues[0]);
    if (ended) return;
    ended = isFinalEvent(event);
    const reason = reasonOfPause(event);
    if (reason !== null) parent.send(reason);
    parent.send(parsed.data);
  };
  const questions = createQuestionQueue();
  const askedByParent: JobContext['shouldStop'] = (name) =>
    (name === undefined ? undefined : stopOfRun.get(name)) ?? stop;
  const shouldStop: JobContext['shouldStop'] = (name) =>
    askedByParent(name) ?? (askedBy === null ? null : 'pause');
  /** The parent knows why a run pauses, unless nobody but the system has asked for it. */
  const reasonOfPause = (event: TrainerEvent): TrainerEvent | null => {
    if (event.type !== 'of-run' || event.event.type !== 'paused') return null;
    const { run } = event;
    if (askedBy === null || askedByParent(run) !== null) return null;
    const { step, checkpointDirectory } = event.event;
    const where =
      checkpointDirectory === null ? 'before its first step' : `after step ${step}, with a checkpoint`;
    const message = `the system or a person asked its trainer process to end (${askedBy}): it was paused ${where}`;
    return { type: 'of-run', run, event: { type: 'notice', message } };
  };
  const context: SessionContext = { emit, shouldStop, nextQuestion: questions.next };

  const run = async (command: JobCommand): Promise<void> => {
    try {
      await perform(jobs, command, context);
      if (!ended) throw new Error('the job ended without saying how');
    } catch (error) {
      emit(failureOf(error));
    }
  };

  /** Files that can't be read end neither the process nor what else is asked of it. */
  const readNext = async (before: Promise<void> | undefined, command: ReadCommand): Promise<void> => {
    await before;
    try {
      await read(command, emit);
    } catch (error) {
      const { code, message } = failureOf(error);
      emit({ type: 'unread', code, message, memory: process.memoryUsage.rss() });
    }
  };

  parent.onMessage((message) => {
    const command = trainerCommandSchema.parse(message);
    if (questions.take(command)) return;
    if (command.type === 'pause' || command.type === 'cancel') {
      if (command.run === undefined) stop = command.type;
      else stopOfRun.set(command.run, command.type);
    } else if (command.type === 'read') job = readNext(job, command);
    else if (job === undefined) job = run(command);
    else throw new Error(`a trainer process takes one job; it was sent another: ${command.type}`);
  });
  parent.onDisconnect(() => {
    stop ??= 'pause';
    questions.end();
    void Promise.resolve(job).finally(() => process.exit());
  });
  signals.onAsked((signal) => {
    askedBy = signal;
    questions.end();
  });
  process.on('uncaughtException', (error) => {
    emit(failureOf(error));
    process.exitCode = 1;
  });
};

const protocolError = (
  event: TrainerEvent,
  issue: { path: PropertyKey[]; message: string } | undefined,
): Error =>
  new Error(`the job reported "${event.type}" with a wrong ${issue?.path.join('.')}: ${issue?.message}`);
