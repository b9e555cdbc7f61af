import type { Command } from 'commander';
import { defaultDataDirectory } from '../api/data-directory.ts';
import { createProgressView, silentProgress } from './progress-view.ts';
import type { ProgressView } from './progress-view.ts';
import { openSession } from './session.ts';
import type { Session } from './session.ts';

/** What a command has to say: a document for programs, a text for people. */
export interface Outcome {
  readonly document: unknown;
  readonly text: string;
  /** 0 when absent. */
  readonly exitCode?: number;
}

export interface CommandContext extends Session {
  readonly progress: ProgressView;
  /** For a command that goes on after it has said what it has to say. All others return their outcome. */
  readonly say: (outcome: Outcome) => void;
}

export interface CommandDefinition<Options> {
  /** Name and arguments as commander reads them: `show <model>` */
  readonly usage: string;
  readonly description: string;
  /** Flags as commander reads them, each with its description. */
  readonly options?: Readonly<Record<string, string>>;
  readonly run: (context: CommandContext, options: Options, ...words: string[]) => Promise<Outcome | null>;
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
  const command = parent.command(definition.usage).description(definition.description);
  for (const [flags, description] of Object.entries(definition.options ?? {}))
    command.option(flags, description);
  command
    .option('--json', 'print one JSON document and nothing else')
    .option('--data-dir <folder>', 'where the library and the results are kept (NORA_DATA_DIR)')
    .option('--debug', 'show where an error arose');

  command.action(async () => {
    const options = command.opts<Options & CommonOptions>();
    const session = openSession(options.dataDir ?? defaultDataDirectory(), options.debug === true);
    const say = (outcome: Outcome): void => write(outcome, options.json === true);
    const isQuiet = options.json === true && !process.stderr.isTTY;
    const progress = isQuiet ? silentProgress : createProgressView(process.stderr);
    try {
      const words = command.processedArgs.filter((word): word is string => typeof word === 'string');
      const outcome = await definition.run({ ...session, progress, say }, options, ...words);
      if (outcome !== null) say(outcome);
    } finally {
      progress.clear();
      await session.workbench.close();
    }
  });
};

const write = ({ document, text, exitCode = 0 }: Outcome, asJson: boolean): void => {
  process.stdout.write(asJson ? `${JSON.stringify(document, null, 2)}\n` : `${text}\n`);
  process.exitCode = exitCode;
};
