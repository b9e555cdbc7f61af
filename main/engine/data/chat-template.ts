import { Template } from '@huggingface/jinja';
import { invalidInput } from '../errors.ts';
import type { Conversation } from './conversation.ts';
import type { ChatMessage } from './messages.ts';
import type { Tokenizer } from './tokenizer.ts';

export interface ChatOptions {
  /** End with what opens the assistant's turn. Default false. */
  readonly addGenerationPrompt?: boolean;
  /** Further variables of the template, such as enable_thinking. */
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly tools?: Conversation['tools'];
  readonly documents?: Conversation['documents'];
}

export type TemplateSource = Pick<Tokenizer, 'chatTemplate' | 'toolChatTemplate' | 'bosToken' | 'eosToken'>;

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

/** The template for a conversation: as transformers chooses among several, one for tools where the row has some. */
export const templateFor = (
  { chatTemplate = defaultChatTemplate, toolChatTemplate = chatTemplate }: TemplateSource,
  { tools }: Pick<Conversation, 'tools'>,
): string => (tools === undefined ? chatTemplate : toolChatTemplate);

/**
 * Renders messages with the model's chat template, or with `defaultChatTemplate` where it has none, as transformers'
 * apply_chat_template does. Tokenize the result without special tokens: the template writes them.
 * @throws WorkbenchError 'invalid-input' with what the template itself objects to
 */
export function renderChat(
  source: TemplateSource,
  messages: readonly ChatMessage[],
  options: ChatOptions = {},
): string {
  const template = compile(templateFor(source, options));
  try {
    return template.render({
      ...options.variables,
      messages: messages.map(withReasoningNames),
      // Always there, as in transformers: a template that asks whether tools are defined must get the same answer.
      tools: options.tools ?? null,
      documents: options.documents ?? null,
      bos_token: source.bosToken ?? '',
      eos_token: source.eosToken ?? '',
      add_generation_prompt: options.addGenerationPrompt ?? false,
    });
  } catch (error) {
    throw invalidInput(`the chat template refuses the conversation: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

export const renderConversation = (
  source: TemplateSource,
  { messages, tools, documents }: Conversation,
  options: ChatOptions = {},
): string => renderChat(source, messages, { ...options, tools, documents });

/** The names that thoughts go under; the first is the one that most templates read. */
export const reasoningKeys = ['reasoning_content', 'thinking', 'reasoning'] as const;

/** As transformers 5: thoughts under any name are there under the two that templates read. */
function withReasoningNames(message: ChatMessage): ChatMessage {
  const found = reasoningKeys.find((key) => message[key] !== undefined);
  if (found === undefined) return message;
  return { thinking: message[found], ...message, reasoning_content: message[found] };
}

const compiled = new Map<string, Template>();

function compile(source: string): Template {
  let template = compiled.get(source);
  if (template === undefined) {
    try {
      template = new Template(source);
    } catch (error) {
      throw invalidInput(`the model's chat template can't be read: ${(error as Error).message}`, {
        cause: error,
      });
    }
    compiled.set(source, template);
  }
  return template;
}
