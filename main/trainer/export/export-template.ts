import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { defaultChatTemplate } from '../../engine/data/chat/chat-template.ts';
import { loadTokenizer } from '../../engine/data/tokens/tokenizer.ts';
import type { ExportJob } from './export-job.ts';

const name = 'chat_template.jinja';
/** Which transformers takes for rows with tools, whatever the usual one is. */
const forTools = 'additional_chat_templates/tool_use.jinja';

type Trained = Pick<ExportJob, 'model' | 'saved'>;

/** The workbench's own template stands in for a missing one; one that the data brought is what the adapter knows, whatever the model has. */
const takesPlace = ({ model, saved: { chatTemplate } }: Trained): boolean =>
  chatTemplate !== undefined &&
  (chatTemplate !== defaultChatTemplate || loadTokenizer(model.folder.directory).chatTemplate === undefined);

/** The chat template that the adapter was trained with, where it was not the model's own, in place of the model's. */
export const templateFiles = (job: Trained): { name: string; contents: string }[] => {
  const { chatTemplate } = job.saved;
  if (chatTemplate === undefined || !takesPlace(job)) return [];
  const replaced = existsSync(join(job.model.folder.directory, forTools)) ? [name, forTools] : [name];
  return replaced.map((file) => ({ name: file, contents: chatTemplate }));
};

export const templateNotices = (job: Trained): string[] => {
  const { chatTemplate } = job.saved;
  if (chatTemplate === undefined) return [];
  if (!takesPlace(job))
    return [
      "the adapter was trained with the workbench's own chat template, as the model had none; it has one now, and that is exported",
    ];
  return chatTemplate === defaultChatTemplate
    ? [
        `${name} is the workbench's own chat template: the model has none, and the adapter was trained with this one`,
      ]
    : [`${name} is the template that the data brought: the adapter was trained with this one`];
};
