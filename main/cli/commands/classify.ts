import type { Command } from 'commander';
import type { ClassifyAnswer, ClassifyDefaults } from '../../api/contract.ts';
import { invalidInput } from '../../engine/errors.ts';
import { createId } from '../../services/shared/identifiers.ts';
import { givenSource } from '../../services/shared/given-path.ts';
import { addCommand, type CommandContext, type Outcome } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { armFlags, pickArms, type ArmFlags, type PickedArms } from '../generation/pick-arms.ts';
import { printable } from '../generation/printable.ts';
import { onInterrupt } from '../interrupts.ts';
import { wholeNumber } from '../numbers.ts';
import { pick } from '../pick.ts';
import { formatTable } from '../table.ts';

interface ClassifyOptions extends ArmFlags {
  readonly classes?: readonly string[];
  readonly dataset?: string;
  readonly template?: string;
  readonly top?: string;
}

export const addClassifyCommand = (program: Command): void =>
  addCommand<ClassifyOptions>(program, {
    usage: 'classify <model> <pictures...>',
    description: 'say what is on pictures, by a model such as CLIP and adapters on it',
    options: {
      ...armFlags,
      '--classes <names...>':
        'what may be on them, behind the pictures since it takes all that follows; those that the first adapter was trained to tell apart where none are named',
      '--dataset <pictures>': 'take the classes of these',
      '--template <text>': 'what is asked of each class, named where {} stands; as in training otherwise',
      '--top <count>': 'the likeliest so many of each; 5 otherwise',
    },
    run: async (context, options, wanted = '', ...pictures) => {
      const files = pictures.map((picture) => givenSource(picture, 'picture'));
      const { model, arms } = await pickArms(context, wanted, options);
      const ids = arms.map(({ id }) => id);
      const usual = await context.call('classifying.defaults', { modelId: model.id, arms: ids });
      const classes = await readClasses(context, options, usual);
      const template = options.template ?? usual.template;
      const job = createId();
      const stopping = new AbortController();
      const handBack = onInterrupt(() => {
        stopping.abort();
        void context.call('classifying.stop', { job }).catch(() => undefined);
      });
      const answers: Told[] = [];
      try {
        for (const [at, file] of files.entries()) {
          if (stopping.signal.aborted) break;
          context.progress.show({ label: 'classify', phase: 'scoring', done: at, total: files.length });
          const picture = { path: file };
          const asked = { modelId: model.id, arms: ids, picture, classes, template, job };
          answers.push({ file, ...(await context.call('classifying.classify', asked)) });
        }
      } catch (error) {
        if (!stopping.signal.aborted) throw error;
      } finally {
        handBack();
      }
      const top = wholeNumber(options.top, '--top', classes.length) ?? 5;
      return outcomeOf({ arms, classes, template, answers, top }, stopping.signal.aborted);
    },
  });

interface Told extends ClassifyAnswer {
  readonly file: string;
}

const readClasses = async (
  { call }: Pick<CommandContext, 'call'>,
  { classes, dataset }: ClassifyOptions,
  usual: ClassifyDefaults,
): Promise<string[]> => {
  if (classes !== undefined && dataset !== undefined)
    throw invalidInput('give one of --classes and --dataset');
  if (classes?.length === 1)
    throw invalidInput(
      `--classes: "${classes[0]!}" alone would be the answer for every picture: name two or more, as in --classes cat dog`,
    );
  if (classes !== undefined) return [...classes];
  if (dataset !== undefined) {
    const { format, name } = pick(await call('datasets.list', {}), dataset, 'dataset');
    if (format.kind !== 'pictures' || format.classes === null)
      throw invalidInput(`--dataset: "${name}" has no pictures of classes`);
    return [...format.classes];
  }
  if (usual.classes.length > 0) return usual.classes;
  throw invalidInput(
    '--classes: say what may be on the pictures, as in --classes cat dog; no adapter that was named knows of any',
  );
};

interface Shown {
  readonly arms: PickedArms['arms'];
  readonly classes: readonly string[];
  readonly template: string;
  readonly answers: readonly Told[];
  readonly top: number;
}

const outcomeOf = ({ arms, classes, template, answers, top }: Shown, isStopped: boolean): Outcome => ({
  document: {
    classes,
    template,
    pictures: answers.map(({ file, width, height, seconds, notices, arms: told }) => ({
      ...{ file, width, height, seconds, notices },
      arms: told.map((one, at) => ({ arm: arms[at]!.name, ...one })),
    })),
  },
  text: answers.map((answer) => pictureText(answer, { arms, classes, top })).join('\n\n'),
  exitCode: isStopped ? exitCodes.interrupted : exitCodes.done,
});

/** The likeliest classes of any arm, by the first one's probability. */
const pictureText = (
  { file, arms: told, notices }: Told,
  { arms, classes, top }: Pick<Shown, 'arms' | 'classes' | 'top'>,
): string => {
  const likeliest = told.flatMap(({ probabilities }) =>
    [...probabilities.keys()].toSorted((a, b) => probabilities[b]! - probabilities[a]!).slice(0, top),
  );
  const [first] = told;
  const rows = [...new Set(likeliest)].toSorted(
    (a, b) => first!.probabilities[b]! - first!.probabilities[a]!,
  );
  const table = formatTable(rows, [
    { title: printable(file), text: (label) => printable(classes[label]!) },
    ...told.map(({ probabilities }, at) => ({
      title: printable(arms[at]!.name),
      text: (label: number) => `${(100 * probabilities[label]!).toFixed(1)} %`,
      isNumber: true,
    })),
  ]);
  return [table, ...notices.map((notice) => `Note: ${printable(notice)}`)].join('\n');
};
