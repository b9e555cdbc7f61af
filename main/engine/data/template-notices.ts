import { asksForDate } from '../templates/asks-for-date.ts';
import { TemplateError } from '../templates/template-error.ts';
import type { TemplateSource } from './chat-template.ts';
import type { DatasetFormat } from './dataset-format.ts';

/** What a person should know of how chats become text, whatever the rows are. @param date YYYY-MM-DD */
export function templateNotices(
  { chatTemplate, toolChatTemplate }: TemplateSource,
  { kind }: Pick<DatasetFormat, 'kind'>,
  date: string,
): string[] {
  if (kind !== 'chat') return [];
  const notices: string[] = [];
  if (chatTemplate === undefined)
    notices.push(
      'the model has no chat template, so chats are written with the workbench\'s own ("User: ... Assistant: ..."); exports bring it along as chat_template.jinja',
    );
  if ([chatTemplate, toolChatTemplate].some((template) => template !== undefined && asks(template)))
    notices.push(
      `the chat template writes the date of the day: it is given ${date} on every day; an experiment's "date" sets another`,
    );
  return notices;
}

/** A template that can't be read is refused where rows are rendered. */
function asks(template: string): boolean {
  try {
    return asksForDate(template);
  } catch (error) {
    if (error instanceof TemplateError) return false;
    throw error;
  }
}
