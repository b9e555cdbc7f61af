import { plainLines } from '../engine/plain-line.ts';
import type { Command } from 'commander';
import { defaultDataDirectory } from '../api/data-directory.ts';
import { givenPath } from '../services/shared/given-path.ts';
import { createProgressView, silentProgress } from './progress-view.ts';
import type { ProgressView } from './progress-view.ts';
import { openSession } from './session.ts';
import type { Session } from './session.ts';
import type { WorkbenchOptions } from '../services/workbench.ts';

/** What a command has to say: a document for programs, a text for people. */
export interface Outcome {
  readonly document: unknown;
  readonly text: string;
  /** 0 when absent. */
  readonly exitCode?: number;
}

/** What a command has that does without the library. */
export interface PlainContext {
  readonly progress: ProgressView;
}

export interface CommandContext extends Session, PlainContext {
  /** For a command that goes on after it has said what it has to say. All others return their outcome. */
  readonly say: Say;
}

export interface CommandDefinition<Options, Context = CommandContext> {
  /** Name and arguments as commander reads them: `show <model>` */
  readonly usage: string;
  readonly description: string;
  /** Of its group: what is done where no command is named. */
  readonly isDefault?: boolean;
  /** Flags as commander reads them, each with its description. */
  readonly options?: Readonly<Record<string, string>>;
  /** What its workbench is opened with beside the data directory. */
  readonly workbench?: (options: Options) => Partial<WorkbenchOptions>;
  readonly run: (context: Context, options: Options, ...words: string[]) => Promise<Outcome | null>;
}

interface CommonOptions {
  readonly json?: true;
  readonly debug?: true;
  readonly dataDir?: string;
}

/** Adds a command that works on the workbench, with the options that all of them have. */
export const addCommand = <Options extends object = object>(
  parent: Command,
  definition: CommandDefinition<Options>,
): void => {
  const command = declare(parent, definition).option(
    '--data-dir <folder>',
    'where the library and the results are kept (NORA_DATA_DIR)',
  );
  perform<Options, CommandContext>(command, definition, async (plain, say, { dataDir, debug }, use) => {
    const directory = dataDir === undefined ? defaultDataDirectory() : givenPath(dataDir, '--data-dir');
    const session = openSession(directory, debug === true, definition.workbench?.(command.opts<Options>()));
    try {
      const { viewing } = session.workbench;
      if (viewing !== null) plain.progress.note(`${viewing}.`);
      await use({ ...session, ...plain, say });
    } finally {
      await session.workbench.close();
    }
  });
};

/** Adds a command that neither opens nor makes a data directory. */
export const addPlainCommand = <Options extends object = object>(
  parent: Command,
  definition: CommandDefinition<Options, PlainContext>,
): void => perform(declare(parent, definition), definition, (plain, _say, _options, use) => use(plain));

const declare = <Options, Context>(
  parent: Command,
  { usage, description, options, isDefault = false }: CommandDefinition<Options, Context>,
): Command => {
  const command = parent.command(usage, { isDefault }).description(description);
  for (const [flags, text] of Object.entries(options ?? {})) command.option(flags, text);
  return command
    .option('--json', 'print one JSON document and nothing else')
    .option('--debug', 'show where an error arose');
};

type Say = (outcome: Outcome) => void;

const perform = <Options extends object, Context>(
  command: Command,
  definition: CommandDefinition<Options, Context>,
  within: (
    plain: PlainContext,
    say: Say,
    options: CommonOptions,
    use: (context: Context) => Promise<void>,
  ) => Promise<void>,
): void => {
  command.action(async () => {
    const options = command.opts<Options & CommonOptions>();
    const say: Say = (outcome) => write(outcome, options.json === true);
    const isQuiet = options.json === true && !process.stderr.isTTY;
    const progress = isQuiet ? silentProgress : createProgressView(process.stderr);
    const words = command.processedArgs.flat().filter((word): word is string => typeof word === 'string');
    await within({ progress }, say, options, async (context) => {
      try {
        const outcome = await definition.run(context, options, ...words);
        if (outcome !== null) say(outcome);
      } finally {
        progress.clear();
      }
    });
  });
};

const write = ({ document, text, exitCode = 0 }: Outcome, asJson: boolean): void => {
  process.stdout.write(asJson ? `${JSON.stringify(document, null, 2)}\n` : `${plainLines(text)}\n`);
  process.exitCode = exitCode;
};
