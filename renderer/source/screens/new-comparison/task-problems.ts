import type { z } from 'zod';
import { objectiveFacts, takesFormat, takesTask } from '../../../../main/api/contract.ts';
import type { Model, TaskInput } from '../../../../main/api/contract.ts';
import { sizeRefusals } from '../new-experiment/drawing/drawing-settings.ts';
import type { Problems } from '../new-experiment/problems.ts';

const chooseFile = 'Choose a file.';
const nameColumn = 'Name a column.';
const nameText = 'Name a column, or write a template.';

/** By the last part of a task's field, where nothing stands in it. */
const empty: Readonly<Record<string, string>> = {
  file: chooseFile,
  column: nameColumn,
  label: nameColumn,
  text: nameText,
  prompt: nameText,
  completion: nameText,
};

/** What is missing in a field of a task; undefined where something else is wrong. */
export const describeTaskIssue = (issue: z.core.$ZodIssue): string | undefined =>
  issue.path[0] === 'tasks' && issue.code === 'too_small' && issue.origin === 'string'
    ? empty[String(issue.path.at(-1))]
    : undefined;

/** What fields of a task say against each other, or against the model: it would be refused by the design. */
export const findTaskProblems = (tasks: readonly TaskInput[], model: Model | undefined): Problems => {
  const found: Record<string, string> = {};
  tasks.forEach((task, index) => {
    const field = `tasks.${index}`;
    const format = ('format' in task && task.format) || null;
    if (task.kind === 'drawn') {
      for (const [side, why] of Object.entries(model === undefined ? {} : sizeRefusals(task, model)))
        found[`${field}.${side}`] = why;
    }
    if (model !== undefined && !takesTask(model.objective, task.kind)) {
      found[`${field}.kind`] = `${model.name} can't be asked this: remove the task, or choose another model.`;
      return;
    }
    const showsExamples = 'examples' in task && Boolean(task.examples);
    if (task.kind === 'choices' && task.prompt === 'as-trained') {
      if (showsExamples) found[`${field}.prompt`] = 'It shows no examples: leave out one of the two.';
      if (format !== null && format.kind !== 'prompt-completion')
        found[`${field}.format`] = 'The prompt of training needs a prompt and a completion.';
      return;
    }
    if (format === null || task.kind === 'choices') return;
    if (model !== undefined && !takesFormat(model.objective, format))
      found[`${field}.format`] = objectiveFacts[model.objective].otherData.field(model.name);
    else if (task.kind === 'answers' && format.kind === 'text')
      found[`${field}.format`] = 'No part of such rows is for the model to write.';
    else if (task.kind === 'answers' && showsExamples && format.kind !== 'prompt-completion')
      found[`${field}.format`] = 'Examples are shown in rows of prompt and completion.';
  });
  return found;
};
