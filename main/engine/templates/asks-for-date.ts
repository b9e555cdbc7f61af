import { namesInBody } from './syntax/names.ts';
import { parseTemplate } from './syntax/parse-template.ts';

/** Whether a template may ask what day it is. @throws TemplateError for one that can't be read */
export const asksForDate = (source: string): boolean => {
  if (!source.includes('strftime_now')) return false;
  return namesInBody(parseTemplate(source)).some(({ name, load }) => load && name === 'strftime_now');
};
