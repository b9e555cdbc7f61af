import type { Command } from 'commander';
import type { Adapter } from '../../api/contract.ts';
import { standardDate } from '../../engine/data/chat/template-date.ts';
import { invalidInput, WorkbenchError } from '../../engine/errors.ts';
import { readModelFiles } from '../../engine/formats/model-identity.ts';
import { datasetSource } from '../../services/library/dataset-source.ts';
import { collectScores } from '../../services/scoring/collect-scores.ts';
import { cacheDirectoryOf } from '../../services/shared/cache-directory.ts';
import { runScoring } from '../../services/scoring/run-scoring.ts';
import { scoreSpecificationSchema, type ScoreSpecification } from '../../trainer/protocol/score-schema.ts';
import { addCommand, type CommandContext } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { onInterrupt } from '../interrupts.ts';
import { wholeNumber } from '../numbers.ts';
import { allAdapters } from '../list-all.ts';
import { isMeant, pick } from '../pick.ts';
import { readTasks, scoreFlagDescriptions, type ScoreFlags } from '../score-options.ts';
import { scoresText } from '../score-text.ts';
import { spawnTrainer } from '../session.ts';

export const addScoreCommand = (program: Command): void =>
  addCommand<ScoreFlags>(program, {
    usage: 'score <model>',
    description: 'score a model, and adapters on it, on multiple choice, answers, classes or text',
    options: scoreFlagDescriptions,
    run: async (context, flags, wanted = '') => {
      const specification = await readRequest(context, flags, wanted);
      const collector = collectScores();
      const stopping = new AbortController();
      const handBack = onInterrupt(() => stopping.abort());
      try {
        const end = await runScoring(specification, {
          spawnTrainer,
          signal: stopping.signal,
          onNews: (news) => {
            collector.onNews(news);
            if (news.type === 'progress') context.progress.show({ label: 'score', ...news });
          },
        });
        if (end === null)
          return { document: { stopped: true }, text: 'Stopped.', exitCode: exitCodes.interrupted };
      } finally {
        handBack();
      }
      const scores = collector.scores(specification.subjects.map(({ id }) => id));
      const kept = flags.items ? scores : scores.map(({ results: _, ...score }) => score);
      const failed = scores.every(({ problem }) => problem !== null);
      return {
        document: { scores: kept, notices: collector.notices() },
        text: scoresText(scores, collector.notices()),
        exitCode: failed ? exitCodes.failed : exitCodes.done,
      };
    },
  });

/** The names of the library, as paths. */
const readRequest = async (
  { call, workbench }: CommandContext,
  flags: ScoreFlags,
  wanted: string,
): Promise<ScoreSpecification> => {
  const tasks = readTasks(flags);
  const model = pick(await call('models.list', {}), wanted, 'model');
  const check = await call('models.verify', { id: model.id, thorough: false });
  if (!check.unchanged)
    throw new WorkbenchError(
      'conflict',
      `${model.directory}: the model "${model.name}" has changed since it was imported; nora model verify says what`,
    );
  const adapters = await adaptersOf({ call }, model.id, flags.adapter ?? []);
  const subjects = [
    ...(flags.base === false ? [] : [{ id: 'base', adapterDirectory: null }]),
    ...adapters.map(({ name, directory }) => ({ id: name, adapterDirectory: directory })),
  ];
  if (subjects.length === 0) throw invalidInput('--no-base: nothing is left to score; name an --adapter');
  const dataset =
    flags.dataset === undefined ? null : pick(await call('datasets.list', {}), flags.dataset, 'dataset');
  return scoreSpecificationSchema.parse({
    modelDirectory: model.directory,
    modelFiles: await readModelFiles(model.directory, {}),
    subjects,
    tasks,
    dataset: dataset && datasetSource(dataset, fraction(flags.fraction)),
    ...(flags.template !== undefined && { pictures: { template: flags.template } }),
    seed: wholeNumber(flags.seed, '--seed') ?? 0,
    date: standardDate,
    sequenceLength: wholeNumber(flags.sequenceLength, '--sequence-length') ?? 256,
    batchSize: wholeNumber(flags.batchSize, '--batch-size') ?? 8,
    threads: wholeNumber(flags.threads, '--threads') ?? null,
    cacheDirectory: cacheDirectoryOf(workbench.dataDirectory),
  });
};

const fraction = (text = '0.1'): number => {
  const value = Number(text);
  if (value > 0 && value < 1) return value;
  throw invalidInput(`--fraction: expected a number between 0 and 1, not "${text}"`);
};

/** Adapters by the names that people know them by, told as experiment/configuration where a run made them. */
const adaptersOf = async (
  { call }: Pick<CommandContext, 'call'>,
  modelId: string,
  wanted: readonly string[],
): Promise<Adapter[]> => {
  if (wanted.length === 0) return [];
  const adapters = await allAdapters(call);
  const onModel = adapters.filter((adapter) => adapter.modelId === modelId);
  return wanted.map((each) => {
    // Configurations of other models may be called the same.
    const isThere = onModel.some((adapter) => isMeant(adapter, each));
    const { experimentName, name, ...adapter } = pick(isThere ? onModel : adapters, each, 'adapter');
    if (adapter.modelId !== modelId)
      throw invalidInput(`--adapter ${each}: was trained on the model "${adapter.modelName}"`);
    return { ...adapter, experimentName, name: experimentName === null ? name : `${experimentName}/${name}` };
  });
};
