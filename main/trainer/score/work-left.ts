import type { PreparedTask } from '../../engine/scoring/prepared-task.ts';
import type { ScoreSpecification } from '../protocol/score-schema.ts';
import type { OpenedSubject } from './open-subjects.ts';

/** What of a task is still to be scored of a subject. */
export interface Work {
  readonly subject: OpenedSubject;
  readonly task: PreparedTask;
}

/** Every subject with every task, without the items that are done already. */
export const workLeft = (
  { done }: Pick<ScoreSpecification, 'done'>,
  subjects: readonly OpenedSubject[],
  tasks: readonly PreparedTask[],
): Work[] =>
  subjects.flatMap((subject) =>
    tasks.map((task) => {
      const finished = new Set(
        done
          .filter((entry) => entry.subject === subject.id && entry.task === task.facts.task)
          .flatMap(({ items }) => items),
      );
      const isLeft = ({ item }: { readonly item: number }): boolean => !finished.has(item);
      return {
        subject,
        task: {
          ...task,
          likelihood: task.likelihood.filter(isLeft),
          written: task.written.filter(isLeft),
          pictures: task.pictures.filter(isLeft),
          drawn: task.drawn.filter(isLeft),
          measured: task.measured.filter(isLeft),
        },
      };
    }),
  );
