import type { ItemResult, TaskFacts, TaskScore } from '../../engine/scoring/item-result.ts';
import { scoreItems } from '../../engine/scoring/score-items.ts';
import type { TrainerNews } from '../trainer-jobs/trainer-job.ts';

/** Gathers what a score job tells, in memory. */
export interface ScoreCollector {
  readonly onNews: (news: TrainerNews) => void;
  /** By task and subject, in the order of the tasks and of `subjects`; items in the order of the rows. */
  readonly scores: (subjects: readonly string[]) => TaskScore[];
  /** What the job told of the model. */
  readonly notices: () => readonly string[];
}

const keyOf = (subject: string, task: string): string => JSON.stringify([subject, task]);

export const collectScores = (): ScoreCollector => {
  const facts: TaskFacts[] = [];
  const results = new Map<string, ItemResult[]>();
  const problems = new Map<string, string>();
  const notices: string[] = [];
  return {
    onNews: (news) => {
      if (news.type === 'task-read') facts.push(news.facts);
      if (news.type === 'notice') notices.push(news.message);
      if (news.type === 'unscored') problems.set(keyOf(news.subject, news.task), news.message);
      if (news.type !== 'scored-items') return;
      const key = keyOf(news.subject, news.task);
      results.set(key, [...(results.get(key) ?? []), ...news.items]);
    },
    scores: (subjects) =>
      facts.flatMap((fact) =>
        subjects.map((subject): TaskScore => {
          const key = keyOf(subject, fact.task);
          const problem = problems.get(key) ?? null;
          const found = problem === null ? (results.get(key) ?? []) : [];
          return {
            ...fact,
            subject,
            problem,
            results: found.toSorted((a, b) => a.item - b.item),
            scores: scoreItems(found),
          };
        }),
      ),
    notices: () => notices,
  };
};
