import { invalidInput, WorkbenchError } from '../../errors.ts';
import { cachedTemplate, type RenderedTemplate, type Template } from '../../templates/render-template.ts';
import { TemplateError } from '../../templates/template-error.ts';
import type { Conversation } from './conversation.ts';
import type { ChatMessage } from './messages.ts';
import type { Tokenizer } from '../tokens/tokenizer.ts';

export interface ChatOptions {
  /** End with what opens the assistant's turn. Default false. */
  readonly addGenerationPrompt?: boolean;
  /** What strftime_now tells, by its UTC fields. Without it templates that ask for the date are refused. */
  readonly date?: Date;
  /** Further variables of the template, such as enable_thinking. */
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly tools?: Conversation['tools'];
  readonly documents?: Conversation['documents'];
}

export type TemplateSource = Pick<Tokenizer, 'chatTemplate' | 'toolChatTemplate' | 'bosToken' | 'eosToken'> &
  Partial<Pick<Tokenizer, 'specialTokens'>>;

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
export const defaultChatTemplate = `{#- The chat_template of NoRA Workbench for models that have none. -#}
{{- bos_token -}}
{%- for message in messages -%}
{{- message['role'] | capitalize + ': ' + message['content'] | trim -}}
{%- if message['role'] == 'assistant' -%}{{- eos_token -}}{%- endif -%}
{{- '\\n\\n' -}}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- 'Assistant:' -}}{%- endif -%}`;

/** The template for a conversation: as transformers chooses among several, one for tools where the row has some. */
export const templateFor = (
  { chatTemplate = defaultChatTemplate, toolChatTemplate = chatTemplate }: TemplateSource,
  { tools }: Pick<Conversation, 'tools'>,
): string => (tools === undefined ? chatTemplate : toolChatTemplate);

/**
 * Renders messages with the model's chat template, or with `defaultChatTemplate` where it has none, as transformers'
 * apply_chat_template does. Tokenize the result without special tokens: the template writes them.
 * @throws WorkbenchError 'invalid-input' with what the template itself objects to, 'unsupported' where it can't be rendered exactly
 */
export const renderChat = (
  source: TemplateSource,
  messages: readonly ChatMessage[],
  options: ChatOptions = {},
): string => renderChatWithGenerations(source, messages, options).text;

/** As renderChat, with where the template's {% generation %} blocks are. */
export const renderChatWithGenerations = (
  source: TemplateSource,
  messages: readonly ChatMessage[],
  options: ChatOptions = {},
): RenderedTemplate => {
  const template = read(templateFor(source, options));
  const { date, variables, tools, documents, addGenerationPrompt } = options;
  try {
    return template(
      {
        // As in transformers, special tokens that the tokenizer lacks are undefined.
        bos_token: source.bosToken,
        eos_token: source.eosToken,
        ...source.specialTokens,
        ...variables,
        messages: messages.map(withReasoningNames),
        // Always there, as in transformers: a template that asks whether tools are defined must get the same answer.
        tools: tools ?? null,
        documents: documents ?? null,
        add_generation_prompt: addGenerationPrompt ?? false,
      },
      date === undefined ? {} : { date },
    );
  } catch (error) {
    throw explained(error, 'the chat template refuses the conversation');
  }
};

export const renderConversation = (
  source: TemplateSource,
  { messages, tools, documents }: Conversation,
  options: ChatOptions = {},
): string => renderChat(source, messages, { ...options, tools, documents });

/** The names that thoughts go under; the first is the one that most templates read. */
export const reasoningKeys = ['reasoning_content', 'thinking', 'reasoning'] as const;

/** As transformers 5: thoughts under any name are there under the two that templates read. */
const withReasoningNames = (message: ChatMessage): ChatMessage => {
  const found = reasoningKeys.find((key) => message[key] !== undefined);
  if (found === undefined) return message;
  return { thinking: message[found], ...message, reasoning_content: message[found] };
};

const read = (source: string): Template => {
  try {
    return cachedTemplate(source);
  } catch (error) {
    throw explained(error, "the model's chat template can't be read");
  }
};

const explained = (error: unknown, what: string): unknown => {
  if (!(error instanceof TemplateError)) return error;
  const { kind, message, line } = error;
  if (kind === 'raised') return invalidInput(`${what}: ${message}`, { cause: error });
  const place = line === null ? '' : `line ${line}: `;
  if (kind !== 'unsupported') return invalidInput(`${what}: ${place}${message}`, { cause: error });
  return new WorkbenchError(
    'unsupported',
    `the chat template needs what the workbench can't do exactly as Jinja2 does: ${place}${message}`,
    { cause: error },
  );
};
