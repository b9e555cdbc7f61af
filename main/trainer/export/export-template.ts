import { loadTokenizer } from '../../engine/data/tokens/tokenizer.ts';
import type { ExportJob } from './export-job.ts';

const name = 'chat_template.jinja';

/** The workbench's own chat template beside the tokenizer, where the run was trained with it; never in place of a model's own. */
export const templateFiles = ({
  model,
  saved: { chatTemplate },
}: Pick<ExportJob, 'model' | 'saved'>): { name: string; contents: string }[] => {
  if (chatTemplate === undefined) return [];
  const ofModel = loadTokenizer(model.folder.directory).chatTemplate;
  return ofModel === undefined ? [{ name, contents: chatTemplate }] : [];
};

export const templateNotices = (job: Pick<ExportJob, 'model' | 'saved'>): string[] => {
  if (job.saved.chatTemplate === undefined) return [];
  return templateFiles(job).length > 0
    ? [
        `${name} is the workbench's own chat template: the model has none, and the adapter was trained with this one`,
      ]
    : [
        "the adapter was trained with the workbench's own chat template, as the model had none; it has one now, and that is exported",
      ];
};
