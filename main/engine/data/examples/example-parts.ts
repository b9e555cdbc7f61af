import { readLabel } from './class-labels.ts';
import { readConversation } from '../chat/conversation.ts';
import type { ChatMessage } from '../chat/messages.ts';
import { fillTemplate, type DatasetFormat } from '../files/dataset-format.ts';
import { writtenJson } from '../../formats/written-json.ts';
import { columnText } from '../tokens/row-text.ts';

type Row = Readonly<Record<string, unknown>>;

/** A stretch of a training example, as text. */
export interface ExamplePart {
  /** The format's part, or who speaks. */
  readonly name: string;
  readonly text: string;
  /** With loss on completions. */
  readonly learnt: boolean;
}

/**
 * What a row gives, before a model's template and tokenizer make tokens of it.
 * @param place file and line, for errors
 * @throws WorkbenchError naming what the row does not have
 */
export const exampleParts = (row: Row, format: DatasetFormat, place: string): ExamplePart[] => {
  const textOf = (column: string): string => columnText(row, column, place);
  const part = (name: string, template: string, learnt: boolean): ExamplePart => ({
    name,
    text: fillTemplate(template, textOf),
    learnt,
  });
  switch (format.kind) {
    case 'text':
      return [{ name: 'text', text: textOf(format.column), learnt: true }];
    case 'prompt-completion':
      return [part('prompt', format.prompt, false), part('completion', format.completion, true)];
    case 'classification': {
      const label = readLabel(row[format.label], `${place}, ${format.label}`);
      return [
        part('text', format.text, false),
        ...(format.pair === undefined ? [] : [part('second text', format.pair, false)]),
        { name: 'class', text: label, learnt: true },
      ];
    }
    case 'chat': {
      const { messages, learn } = readConversation(row, format, place);
      return messages.map((message, index) => ({
        name: message.role,
        text: messageText(message),
        learnt: message.role === 'assistant' && learn[index] !== false,
      }));
    }
  }
};

/** What a message says; keys other than its content as JSON behind it. */
const messageText = ({ role: _, content, ...others }: ChatMessage): string => {
  const said = typeof content === 'string' ? content : (content ?? []).map(({ text }) => text).join('');
  const rest = Object.keys(others).length === 0 ? '' : writtenJson(others);
  return [said, rest].filter((text) => text !== '').join('\n');
};
