import { WorkbenchError } from '../../errors.ts';
import { reasoningKeys, templateFor, type TemplateSource } from './chat-template.ts';
import type { Conversation } from './conversation.ts';
import type { ChatMessage } from './messages.ts';

/** Something that a row gives to its template beside roles and contents. */
interface Extra {
  /** As people know it: 'tools', or 'name in messages of the role "user"'. */
  readonly label: string;
  /** Names of which a template must mention one to be able to read it. */
  readonly names: readonly string[];
  /** Without it the model would learn something else than the row says. */
  readonly isContent: boolean;
  readonly without: (conversation: Conversation) => Conversation;
}

export interface UnreadKeys {
  /**
   * Looks whether what a row gives shows in its text.
   * @throws WorkbenchError for a part of the conversation itself that the template can't know of
   */
  look(conversation: Conversation, text: string): void;
  /** What never showed, with the number of rows that have it. */
  unread(): ReadonlyMap<string, number>;
}

/**
 * Watches over what the rows of a data set give to a template and what the template makes of it. A key is read when a conversation without it
 * is rendered otherwise; one that has shown once counts as read.
 * @param render a conversation's text; undefined where the template refuses it
 */
export const watchUnreadKeys = (
  source: TemplateSource,
  render: (conversation: Conversation) => string | undefined,
): UnreadKeys => {
  const read = new Set<string>();
  const unread = new Map<string, number>();

  const look: UnreadKeys['look'] = (conversation, text) => {
    const open = extrasOf(conversation).filter(({ label }) => !read.has(label));
    const shows = (extras: readonly Extra[]): boolean =>
      render(extras.reduce((rest, extra) => extra.without(rest), conversation)) !== text;
    if (open.length === 0) return;
    // All keys are tried at once first: mostly none of them shows in the text.
    if (shows(open)) {
      const shown = open.filter((extra) => shows([extra]));
      // Where none shows by itself, one stands in for another.
      for (const { label } of shown.length === 0 ? open : shown) read.add(label);
    }
    const template = templateFor(source, conversation);
    for (const { label, names, isContent } of open) {
      if (read.has(label)) continue;
      if (isContent && !names.some((name) => mentions(template, name))) throw cannotShow(label);
      unread.set(label, (unread.get(label) ?? 0) + 1);
    }
  };
  return { look, unread: () => new Map([...unread].filter(([label]) => !read.has(label))) };
};

const cannotShow = (label: string): WorkbenchError =>
  new WorkbenchError(
    'unsupported',
    `the model's chat template does not write ${label}, which would be lost; take ${label} out, or use a model whose template writes it`,
  );

const mentions = (template: string, name: string): boolean => new RegExp(`\\b${name}\\b`).test(template);

const extrasOf = (conversation: Conversation): Extra[] => {
  const variables = (['tools', 'documents'] as const)
    .filter((name) => (conversation[name] ?? []).length > 0)
    .map((name): Extra => {
      const without = (given: Conversation): Conversation => ({ ...given, [name]: undefined });
      return { label: name, names: [name], isContent: true, without };
    });
  const keys = new Map(
    conversation.messages.flatMap((message) =>
      Object.keys(message)
        .filter((key) => key !== 'role' && key !== 'content')
        .map((key) => {
          const extra = extraOf(key, message.role);
          return [extra.label, extra] as const;
        }),
    ),
  );
  return [...variables, ...keys.values()];
};

const extraOf = (key: string, role: string): Extra => {
  const aliases: readonly string[] | undefined = contentKeys.find((names) => names.includes(key));
  const names = aliases ?? [key];
  const isOf = (message: ChatMessage): boolean => aliases !== undefined || message.role === role;
  return {
    label: aliases === undefined ? `"${key}" in messages of the role "${role}"` : `"${key}"`,
    names,
    isContent: aliases !== undefined,
    without: (conversation) => ({
      ...conversation,
      messages: conversation.messages.map((message) =>
        isOf(message) ? withoutKeys(message, names) : message,
      ),
    }),
  };
};

/** What a turn says, or thinks, or does; names for the same stand together. */
const contentKeys: readonly (readonly string[])[] = [
  ['tool_calls'],
  ['function_call'],
  reasoningKeys,
  ['refusal'],
];

const withoutKeys = (message: ChatMessage, names: readonly string[]): ChatMessage =>
  Object.fromEntries(
    Object.entries(message).filter(([key]) => !names.includes(key)),
  ) as unknown as ChatMessage;
