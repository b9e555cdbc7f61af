import { invalidInput } from '../../errors.ts';
import { cachedTemplate } from '../../templates/render-template.ts';
import { TemplateError } from '../../templates/template-error.ts';
import type { DatasetFormat } from '../files/dataset-format.ts';
import type { TemplateSource } from './chat-template.ts';

/** The Jinja template that data bring along; undefined where they are written with the model's. */
export const ownTemplate = (format: Pick<DatasetFormat, 'kind'> & { template?: string | undefined }) =>
  format.kind === 'chat' ? format.template : undefined;

/** The same tokenizer with another template in place of all of its own, the one for tools too. */
export const withTemplate = <Source extends TemplateSource>(
  source: Source,
  template: string | undefined,
): Source =>
  template === undefined ? source : { ...source, chatTemplate: template, toolChatTemplate: template };

/** @throws WorkbenchError where it is no template, with the line of the template */
export const checkTemplate = (template: string): void => {
  try {
    cachedTemplate(template);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    const place = error.line === null ? '' : `, line ${error.line}`;
    throw invalidInput(`the data's chat template${place}: ${error.message}`, { cause: error });
  }
};
