import { loadTokenizer } from '../../engine/data/tokens/tokenizer.ts';
import { hashesByPath } from '../../engine/formats/model-identity.ts';
import { createGenerator } from '../../engine/generation/create-generator.ts';
import type { GenerationArm, Generator } from '../../engine/generation/generator.ts';
import type { WrittenItem } from '../../engine/scoring/prepared-task.ts';
import type { TrainedModel } from '../../engine/train/model/trained-model.ts';
import { orUnscored, type ScoringInProgress } from './scoring-in-progress.ts';
import type { Work } from './work-left.ts';

/** Rows that are asked together; as they end, others take their place. */
const rowsAtATime = 32;

/** Lets the model write, all subjects on one copy of the base, and judges what it wrote. */
export const scoreWritten = async (work: readonly Work[], inProgress: ScoringInProgress): Promise<void> => {
  const left = work.filter(({ task, subject }) => task.written.length > 0 && subject.problem === null);
  if (left.length === 0) return;
  const { specification, opened } = inProgress;
  const subjects = [...new Set(left.map(({ subject }) => subject))];
  const generator = await createGenerator({
    model: opened.model,
    tokenizer: loadTokenizer(opened.model.folder.directory),
    arms: subjects.map(({ trained }) => armOf(trained)),
    hashes: hashesByPath(specification.modelDirectory, specification.modelFiles ?? []),
    ...(specification.cacheDirectory !== null && { cacheFolder: specification.cacheDirectory }),
    threads: specification.threads,
    rowsAtOnce: specification.batchSize,
    positions: positionsOf(left),
  });
  try {
    for (const each of left)
      await orUnscored(each, inProgress, () =>
        askAll(each, subjects.indexOf(each.subject), generator, inProgress),
      );
  } finally {
    await generator.release();
  }
};

/** Weights that were trained whole are the arm's own. */
const armOf = ({ adapter, trainedWeights }: TrainedModel): GenerationArm =>
  adapter === null ? null : { ...adapter, trainedWeights };

/** As many as the longest prompt with its answer takes. */
const positionsOf = (work: readonly Work[]): number =>
  work
    .flatMap(({ task }) => task.written)
    .reduce((most, { ids, settings }) => Math.max(most, ids.length + settings.maximumTokens), 1);

const askAll = async (
  { subject, task }: Work,
  arm: number,
  generator: Generator,
  inProgress: ScoringInProgress,
): Promise<void> => {
  const { portions, breathe, context } = inProgress;
  for (let first = 0; first < task.written.length; first += rowsAtATime) {
    await breathe();
    const items = task.written.slice(first, first + rowsAtATime);
    const stop = new AbortController();
    const answers = await generator.generate(
      items.map(({ ids, settings }: WrittenItem) => ({ ids, arm, settings })),
      {
        signal: stop.signal,
        onToken: () => {
          if (context.shouldStop() !== null) stop.abort();
        },
      },
    );
    for (const [index, item] of items.entries()) {
      const answer = answers[index]!;
      if (answer.finish !== 'cancelled') portions.add(subject.id, task.facts.task, item.judge(answer));
    }
  }
};
