import { join } from 'node:path';
import type { Command } from 'commander';
import { mostDrawn, type Drawing } from '../../api/contract.ts';
import { invalidInput } from '../../engine/errors.ts';
import { writeFileWhole } from '../../engine/formats/atomic-file.ts';
import { givenPath } from '../../services/shared/given-path.ts';
import { createId } from '../../services/shared/identifiers.ts';
import { addCommand, type CommandContext, type Outcome } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { drawingFlags, readDrawing, type DrawingFlags } from '../generation/drawing-flags.ts';
import {
  assertEmptyFolder,
  folderNames,
  writeDrawnFolder,
  type DrawnPicture,
} from '../generation/drawn-folders.ts';
import { baseName, pickArms, type PickedArms } from '../generation/pick-arms.ts';
import { printable } from '../generation/printable.ts';
import { onInterrupt } from '../interrupts.ts';
import { wholeNumber } from '../numbers.ts';

interface DrawOptions extends DrawingFlags {
  readonly prompt?: readonly string[];
  readonly adapter?: readonly string[];
  /** commander's form of --no-base */
  readonly base: boolean;
  readonly seed?: string;
  readonly count?: string;
  readonly out?: string;
}

interface Wanted {
  readonly prompt: string;
  readonly seed: number;
}

export const addDrawCommand = (program: Command): void =>
  addCommand<DrawOptions>(program, {
    usage: 'draw <model>',
    description: 'have a diffusion model, and adapters on it, draw pictures from the same noise',
    options: {
      '--prompt <texts...>': 'what is drawn; a text in quotes, or several',
      '--adapter <names...>': 'adapters of the model that draw the same, beside it',
      '--no-base': 'the adapters alone, without the model itself',
      '--out <folder>': 'where the pictures go, in a folder for each arm; empty or new',
      '--seed <number>': 'of the noise; 0 otherwise',
      '--count <pictures>': 'so many of each prompt, with the seeds that follow; 1 otherwise',
      ...drawingFlags,
    },
    run: async (context, options, wanted = '') => {
      if (options.prompt === undefined) throw invalidInput('--prompt: say what is to be drawn, in quotes');
      if (options.out === undefined) throw invalidInput('--out: say which folder the pictures go to');
      const out = givenPath(options.out, '--out');
      assertEmptyFolder(out);
      const { adapter = [], base } = options;
      if (!base && adapter.length === 0) throw invalidInput('--no-base: name an adapter that draws instead');
      const picked = await pickArms(context, wanted, { adapter, withBase: base });
      const seed = wholeNumber(options.seed, '--seed', 0xffff_ffff) ?? 0;
      const count = wholeNumber(options.count, '--count', 1000) ?? 1;
      const pictures = options.prompt.flatMap((prompt) =>
        Array.from({ length: count }, (_, at): Wanted => ({ prompt, seed: seed + at })),
      );
      return drawInto(context, picked, pictures, readDrawing(options), out);
    },
  });

const drawInto = async (
  { call, router, progress }: CommandContext,
  { model, arms }: PickedArms,
  wanted: readonly Wanted[],
  settings: ReturnType<typeof readDrawing>,
  out: string,
): Promise<Outcome> => {
  const job = createId();
  const atOnce = Math.max(1, Math.floor(mostDrawn / arms.length));
  let before = 0;
  const unsubscribe = router.subscribe((event) => {
    if (event.name !== 'drawing.progress' || event.payload.job !== job) return;
    const { done, total } = event.payload;
    const ofPart = Math.min(atOnce, wanted.length - before);
    const scale = total / ofPart;
    progress.show({
      label: 'draw',
      phase: 'drawing',
      done: Math.round(before * scale) + done,
      total: Math.round(wanted.length * scale),
    });
  });
  const stopping = new AbortController();
  const handBack = onInterrupt(() => {
    stopping.abort();
    void call('drawing.stop', { job }).catch(() => undefined);
  });
  const answers: Drawing[] = [];
  try {
    for (; before < wanted.length && !stopping.signal.aborted; before += atOnce) {
      const part = wanted.slice(before, before + atOnce);
      const ids = arms.map(({ id }) => id);
      answers.push(await call('drawing.draw', { modelId: model.id, arms: ids, wanted: part, settings, job }));
    }
  } catch (error) {
    if (!stopping.signal.aborted) throw error;
  } finally {
    handBack();
    unsubscribe();
    progress.clear();
  }
  return outcomeOf(writeAll(out, arms, wanted, answers), answers, stopping.signal.aborted);
};

interface Written {
  readonly arms: readonly { readonly arm: string; readonly pictures: readonly string[] }[];
  readonly sheets: readonly string[];
}

const writeAll = (
  out: string,
  arms: PickedArms['arms'],
  wanted: readonly Wanted[],
  answers: readonly Drawing[],
): Written => {
  if (answers.length === 0) return { arms: [], sheets: [] };
  const names = folderNames(arms.map(({ name }) => name));
  const ofArms = arms.map(({ name }, arm) => {
    const drawn = answers.flatMap(({ pictures }) => pictures[arm]!);
    const pictures = drawn.map((png, at): DrawnPicture => ({
      ...wanted[at]!,
      png: Buffer.from(png, 'base64'),
    }));
    return { arm: name, pictures: writeDrawnFolder(join(out, names[arm]!), pictures) };
  });
  const sheets = answers.flatMap(({ sheet }, at) => {
    if (sheet === null) return [];
    const path = join(out, answers.length === 1 ? 'side-by-side.png' : `side-by-side-${at + 1}.png`);
    writeFileWhole(path, Buffer.from(sheet, 'base64'));
    return [path];
  });
  return { arms: ofArms, sheets };
};

const outcomeOf = ({ arms, sheets }: Written, answers: readonly Drawing[], isStopped: boolean): Outcome => {
  const notices = [...new Set(answers.flatMap((answer) => answer.notices))];
  const seconds = answers.reduce((sum, answer) => sum + answer.seconds, 0);
  const [first] = answers;
  const size = first === undefined ? null : { width: first.width, height: first.height };
  const lines = [
    ...arms.flatMap(({ arm, pictures }) => [
      `${printable(arm === baseName ? 'the model itself' : arm)}:`,
      ...pictures.map((path) => `  ${printable(path)}`),
    ]),
    ...(sheets.length > 0 ? ['side by side:', ...sheets.map((path) => `  ${printable(path)}`)] : []),
    ...notices.map((notice) => `Note: ${printable(notice)}`),
  ];
  return {
    document: { ...size, arms, sheets, notices, seconds },
    text: lines.join('\n'),
    exitCode: isStopped ? exitCodes.interrupted : exitCodes.done,
  };
};
