import { z } from 'zod';
import { invalidInput, WorkbenchError } from '../errors.ts';
import { cachedTemplate, type RenderedTemplate, type Template } from '../templates/render-template.ts';
import { TemplateError } from '../templates/template-error.ts';
import type { Tokenizer } from './tokenizer.ts';

export interface ChatMessage {
  readonly role: string;
  readonly content: string;
}

export interface ChatOptions {
  /** End with what opens the assistant's turn. Default false. */
  readonly addGenerationPrompt?: boolean;
  /** What strftime_now tells, by its UTC fields. Without it templates that ask for the date are refused. */
  readonly date?: Date;
  /** Further variables of the template, such as enable_thinking. */
  readonly variables?: Readonly<Record<string, unknown>>;
}

/** A stretch of rendered text; `target` marks what the assistant is to produce. */
export interface ChatSpan {
  readonly text: string;
  readonly target: boolean;
}

/**
 * For models without a template. Plain text, one paragraph a turn:
 *
 *     <bos>System: Be brief.
 *
 *     User: Hello
 *
 *     Assistant: Hi!<eos>
 *
 * Roles other than system, user and assistant appear under their own name with a capital.
 */
export const defaultChatTemplate = `{{- bos_token -}}
{%- for message in messages -%}
{{- message['role'] | capitalize + ': ' + message['content'] | trim -}}
{%- if message['role'] == 'assistant' -%}{{- eos_token -}}{%- endif -%}
{{- '\\n\\n' -}}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- 'Assistant:' -}}{%- endif -%}`;

type TemplateSource = Pick<Tokenizer, 'chatTemplate' | 'bosToken' | 'eosToken'>;

/**
 * Renders messages with the model's chat template, or with `defaultChatTemplate` where it has none, as transformers'
 * apply_chat_template does. Tokenize the result without special tokens: the template writes them.
 * @throws WorkbenchError 'invalid-input' with what the template itself objects to, 'unsupported' where it can't be rendered exactly
 */
export const renderChat = (
  source: TemplateSource,
  messages: readonly ChatMessage[],
  options?: ChatOptions,
): string => renderChatWithGenerations(source, messages, options).text;

/** As renderChat, with where the template's {% generation %} blocks are. */
export function renderChatWithGenerations(
  source: TemplateSource,
  messages: readonly ChatMessage[],
  { addGenerationPrompt = false, date, variables }: ChatOptions = {},
): RenderedTemplate {
  const template = read(source.chatTemplate ?? defaultChatTemplate);
  try {
    return template(
      {
        // As transformers: tools and documents are None where there are none, special tokens undefined.
        tools: null,
        documents: null,
        bos_token: source.bosToken,
        eos_token: source.eosToken,
        ...variables,
        messages,
        add_generation_prompt: addGenerationPrompt,
      },
      date === undefined ? {} : { date },
    );
  } catch (error) {
    throw explained(error, 'the chat template refuses the conversation');
  }
}

const messageSchema = z.object({ role: z.string().min(1), content: z.string() });

const shareGptMessageSchema = z
  .object({ from: z.string().min(1), value: z.string() })
  .transform(({ from, value }) => ({ role: shareGptRoles[from] ?? from, content: value }));

const shareGptRoles: Record<string, string> = { human: 'user', gpt: 'assistant', bot: 'assistant' };

/**
 * Checks a conversation from a data set: [{role, content}, ...], or the older [{from, value}, ...].
 * @param place the file and line, for errors
 */
export function parseMessages(value: unknown, place: string): ChatMessage[] {
  if (!Array.isArray(value) || value.length === 0) throw invalidInput(`${place}: must be a list of messages`);
  return value.map((entry, index) => {
    const message = messageSchema.safeParse(entry).data ?? shareGptMessageSchema.safeParse(entry).data;
    if (message === undefined)
      throw invalidInput(`${place}, message ${index + 1}: must have a role and a content, both text`);
    return message;
  });
}

function read(source: string): Template {
  try {
    return cachedTemplate(source);
  } catch (error) {
    throw explained(error, "the model's chat template can't be read");
  }
}

function explained(error: unknown, what: string): unknown {
  if (!(error instanceof TemplateError)) return error;
  const { kind, message, line } = error;
  if (kind === 'raised') return invalidInput(`${what}: ${message}`, { cause: error });
  const place = line === null ? '' : `line ${line}: `;
  return kind === 'unsupported'
    ? new WorkbenchError(
        'unsupported',
        `the chat template needs what the workbench can't do as Jinja2 does: ${place}${message}`,
        { cause: error },
      )
    : invalidInput(`${what}: ${place}${message}`, { cause: error });
}
