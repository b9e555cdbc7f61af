import { basename } from 'node:path';
import type { Command } from 'commander';
import type { FidelityAnswer } from '../../api/contract.ts';
import { invalidInput } from '../../engine/errors.ts';
import { createId } from '../../services/shared/identifiers.ts';
import { givenSource } from '../../services/shared/given-path.ts';
import { addCommand } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { printable } from '../generation/printable.ts';
import { onInterrupt } from '../interrupts.ts';
import { pick } from '../pick.ts';
import { formatTable } from '../table.ts';

interface FidelityOptions {
  readonly subject?: string;
  readonly model?: readonly string[];
  readonly base?: string;
  readonly leaveOut?: string;
}

export const addFidelityCommand = (program: Command): void =>
  addCommand<FidelityOptions>(program, {
    usage: 'fidelity <folders...>',
    description:
      'measure how like their subject and their prompts drawn pictures are: DINO, CLIP-I and CLIP-T, and which arm draws them better',
    options: {
      '--subject <folder>': 'real pictures of the subject',
      '--model <name...>':
        'who measures, of the library: CLIP, SigLIP, DINO or DINOv2; behind the folders since it takes all that follows',
      '--base <folder>': 'what the model drew without an adapter',
      '--leave-out <word>':
        'the word that stands for the subject in prompts, which texts are compared without',
    },
    run: async (context, { subject, model: wanted = [], base, leaveOut }, ...folders) => {
      if (subject === undefined)
        throw invalidInput('--subject: name the folder with real pictures of the subject');
      if (wanted.length === 0)
        throw invalidInput(
          '--model: name who measures, a CLIP or a DINO that nora model import has taken in',
        );
      const library = await context.call('models.list', {});
      const job = createId();
      const stopping = new AbortController();
      const handBack = onInterrupt(() => {
        stopping.abort();
        void context.call('fidelity.stop', { job }).catch(() => undefined);
      });
      const unsubscribe = context.router.subscribe((event) => {
        if (event.name !== 'fidelity.progress' || event.payload.job !== job) return;
        const { done, total } = event.payload;
        context.progress.show({ label: 'fidelity', phase: 'scoring', done, total });
      });
      try {
        const answer = await context.call('fidelity.measure', {
          arms: armsOf(folders),
          ...(base !== undefined && { baseFolder: givenSource(base, '--base') }),
          subjectFolder: givenSource(subject, '--subject'),
          modelIds: wanted.map((name) => pick(library, name, 'model').id),
          ...(leaveOut !== undefined && { leaveOut }),
          job,
        });
        return { document: answer, text: fidelityText(answer) };
      } catch (error) {
        if (!stopping.signal.aborted) throw error;
        return { document: { stopped: true }, text: 'Stopped.', exitCode: exitCodes.interrupted };
      } finally {
        unsubscribe();
        handBack();
        context.progress.clear();
      }
    },
  });

/** NAME=FOLDER, or a folder by its own name. One name several times is an arm that was trained as often; the first of two arms belong together, and so on. */
const armsOf = (given: readonly string[]): { name: string; runs: { seed: number; folder: string }[] }[] => {
  const named = given.map((one) => {
    const [, name, folder] = /^([^=/\\]+)=(.+)$/.exec(one) ?? [undefined, undefined, one];
    const path = givenSource(folder, 'folder');
    return { name: name ?? basename(path), folder: path };
  });
  return [...Map.groupBy(named, ({ name }) => name)].map(([name, own]) => ({
    name,
    runs: own.map(({ folder }, seed) => ({ seed, folder })),
  }));
};

const number = (value: number | null): string => (value === null ? '–' : value.toFixed(4));

const fidelityText = ({ measures, runs, realPictures, answer, notices }: FidelityAnswer): string => {
  const severalRuns = runs.some(({ seed }) => seed > 0);
  const table = formatTable(runs, [
    { title: 'arm', text: ({ arm }) => printable(arm ?? 'base model') },
    ...(severalRuns
      ? [
          {
            title: 'training',
            text: ({ arm, seed }: (typeof runs)[number]) => (arm === null ? '–' : `${seed + 1}`),
          },
        ]
      : []),
    { title: 'pictures', text: ({ pictures }) => `${pictures}`, isNumber: true },
    ...measures.map(({ label }, at) => ({
      title: printable(label),
      text: ({ means }: (typeof runs)[number]) => number(means[at]!),
      isNumber: true,
    })),
    ...runs[0]!.diversity.map(({ modelName }, at) => ({
      title: `diversity (${printable(modelName)})`,
      text: ({ diversity }: (typeof runs)[number]) => number(diversity[at]!.value),
      isNumber: true,
    })),
  ]);
  const pairs = answer.metrics.flatMap(({ label, pairs: own }) =>
    own.map(
      ({ words, caveats }) =>
        `${label}: ${[words, ...caveats.filter((one) => !words.includes(one))].join(' ')}`,
    ),
  );
  return [
    table,
    `Means over pictures; of the subject ${realPictures} real ones. Diversity is 1 less the cosine of two pictures of one prompt.`,
    ...(pairs.length === 0 ? [] : [answer.sentence, ...pairs, answer.metrics[0]!.family].map(printable)),
    ...notices.map((notice) => `Note: ${printable(notice)}`),
  ].join('\n\n');
};
