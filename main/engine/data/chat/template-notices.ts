import { asksForDate } from '../../templates/asks-for-date.ts';
import { TemplateError } from '../../templates/template-error.ts';
import { ownTemplate, withTemplate } from './own-template.ts';
import { defaultChatTemplate, type TemplateSource } from './chat-template.ts';
import type { DatasetFormat } from '../files/dataset-format.ts';

/** Whether data are written with `defaultChatTemplate`. */
export const usesDefaultTemplate = (
  { chatTemplate }: Pick<TemplateSource, 'chatTemplate'>,
  { kind }: Pick<DatasetFormat, 'kind'>,
): boolean => kind === 'chat' && chatTemplate === undefined;

/** The template that an adapter has to keep, as it is not the model's: the data's own, or the workbench's where there is none. */
export const templateBeside = (
  tokenizer: Pick<TemplateSource, 'chatTemplate'>,
  format: Parameters<typeof ownTemplate>[0],
): string | undefined =>
  ownTemplate(format) ?? (usesDefaultTemplate(tokenizer, format) ? defaultChatTemplate : undefined);

/**
 * What a person should know of how chats become text, whatever the rows are.
 * @param date YYYY-MM-DD
 * @param otherDay how another day is told
 */
export const templateNotices = (
  tokenizer: TemplateSource,
  format: Parameters<typeof ownTemplate>[0],
  date: string,
  otherDay = 'an experiment\'s "date" sets another',
): string[] => {
  if (format.kind !== 'chat') return [];
  const own = ownTemplate(format);
  const { chatTemplate, toolChatTemplate } = withTemplate(tokenizer, own);
  const notices: string[] = [];
  if (own !== undefined && own !== tokenizer.chatTemplate)
    notices.push(
      "chats are written with the template that the data bring, not with the model's; exports bring it along as chat_template.jinja",
    );
  if (own === undefined && usesDefaultTemplate(tokenizer, format))
    notices.push(
      'the model has no chat template, so chats are written with the workbench\'s own ("User: ... Assistant: ..."); exports bring it along as chat_template.jinja',
    );
  if ([chatTemplate, toolChatTemplate].some((template) => template !== undefined && asks(template)))
    notices.push(
      `the chat template writes the date of the day: it is given ${date} on every day; ${otherDay}`,
    );
  return notices;
};

/** A template that can't be read is refused where rows are rendered. */
const asks = (template: string): boolean => {
  try {
    return asksForDate(template);
  } catch (error) {
    if (error instanceof TemplateError) return false;
    throw error;
  }
};
