import type { ColumnKind, Columns } from './column-kinds.ts';
import type { DatasetFormat } from './dataset-format.ts';

/** One of the forms that published data sets come in. */
export interface KnownForm {
  readonly name: string;
  /** The columns it is known by; of alternatives the first that is there counts. */
  readonly columns: readonly ColumnNeed[];
  /** How its rows are trained on, or why they are not and what a person can do. */
  readonly reads: (found: readonly string[], columns: Columns) => DatasetFormat | Refusal;
  /** Columns that change the meaning of a row: rows that hold something there are refused. */
  readonly mustBeEmpty?: readonly string[];
}

export interface Refusal {
  readonly refused: string;
}

export interface ColumnNeed {
  readonly names: readonly string[];
  readonly kinds: readonly ColumnKind[];
}

const texts: readonly ColumnKind[] = ['text', 'number', 'flag', 'empty'];
const need = (names: string | readonly string[], ...kinds: readonly ColumnKind[]): ColumnNeed => ({
  names: typeof names === 'string' ? [names] : names,
  kinds: kinds.length === 0 ? texts : kinds,
});

const pair = (prompt: string, completion: string) => (): DatasetFormat => ({
  kind: 'prompt-completion',
  prompt,
  completion,
});
const refuse = (refused: string) => (): Refusal => ({ refused });

const chatColumns = ['messages', 'conversations', 'conversation'];
const answers = ['output', 'response', 'completion', 'answer'];
const labels = ['label', 'labels', 'class', 'category'];

/** Columns beside a chat that its template takes. */
const besideChat = { tools: ['tools'], system: ['system', 'system_prompt'], documents: ['documents'] };

const chat = ([column = '']: readonly string[], columns: Columns): DatasetFormat => ({
  kind: 'chat',
  column,
  ...Object.fromEntries(
    Object.entries(besideChat).flatMap(([part, names]) => {
      const name = names.find((each) => columns.has(each));
      return name === undefined ? [] : [[part, name]];
    }),
  ),
});

const judged = (names: readonly [string, string]): KnownForm => ({
  name: 'pairs of texts with a class',
  columns: [need(names[0]), need(names[1]), need(labels)],
  reads: ([text = '', other = '', label = '']) => ({ kind: 'classification', text, pair: other, label }),
});

const onlyChosen = 'only the chosen one can be learnt from, which is not what such data is for; to do so';

const unwanted =
  'rows that are marked false hold answers that must not be imitated; keep the rows that are marked true, without the mark, or say which columns to train on';

/**
 * In order: the first whose columns are all there, with values of the right kind, is the one. What stands behind a name in brackets
 * is where the form comes from.
 */
export const knownForms: readonly KnownForm[] = [
  {
    name: 'conversations with a chosen and a rejected end (preference data)',
    columns: [need('chosen', 'messages'), need('rejected', 'messages')],
    reads: refuse(
      `each row has a chosen and a rejected conversation: ${onlyChosen}, say that the chat is in the column "chosen"`,
    ),
  },
  {
    name: 'prompts with a chosen and a rejected answer (preference data)',
    columns: [need(['prompt', 'question', 'instruction', 'input']), need('chosen'), need('rejected')],
    reads: ([prompt = '']) => ({
      refused: `each row has a chosen and a rejected answer: ${onlyChosen}, say that the prompt is "${prompt}" and the completion "chosen"`,
    }),
  },
  {
    name: 'a chat with a preferred and another answer (OpenAI, preference data)',
    columns: [
      need('input', 'object', 'messages', 'text'),
      need('preferred_output', 'object', 'messages', 'text'),
      need('non_preferred_output', 'object', 'messages', 'text'),
    ],
    reads: refuse(
      'each row has a preferred and another answer; write the input and the preferred one as one list, in a column "messages", to learn from it',
    ),
  },
  {
    name: 'two answers to a prompt, one of them better (preference data)',
    columns: [
      need(['prompt', 'question', 'instruction', 'input', 'history']),
      need(['accepted', 'response_j', 'human_ref_A', 'response_a', 'answer_a', 'output_1']),
      need(['rejected', 'response_k', 'human_ref_B', 'response_b', 'answer_b', 'output_2']),
    ],
    reads: refuse(
      'each row has two answers; write the better one into a column "completion" of a file of its own, or say which columns to train on',
    ),
  },
  {
    name: 'chosen and rejected texts (HH-RLHF)',
    columns: [need('chosen'), need('rejected')],
    reads: refuse(
      `each row has a chosen and a rejected text: ${onlyChosen}, say that the text is in the column "chosen"`,
    ),
  },
  {
    name: 'a chat with a chosen and a rejected answer (LLaMA-Factory, preference data)',
    columns: [
      need(chatColumns, 'messages'),
      need('chosen', 'object', 'messages', 'text'),
      need('rejected', 'object', 'messages', 'text'),
    ],
    reads: refuse(
      'each row has a chosen and a rejected answer; write the chosen one as the last message of the chat to learn from it',
    ),
  },
  {
    name: 'answers with a mark of whether they are wanted (KTO)',
    columns: [
      need(['prompt', 'instruction'], 'text', 'messages'),
      need(['completion', 'output', 'response'], 'text', 'messages'),
      need(['label', 'kto_tag'], 'flag'),
    ],
    reads: refuse(unwanted),
  },
  {
    name: 'chats with a mark of whether they are wanted (KTO)',
    columns: [need(chatColumns, 'messages'), need(['label', 'kto_tag'], 'flag')],
    reads: refuse(unwanted),
  },
  {
    name: 'several answers to a prompt (ranking data)',
    columns: [
      need(['prompt', 'instruction', 'question']),
      need(['completions', 'responses', 'answers', 'candidates'], 'list', 'texts'),
    ],
    reads: refuse('each row has a list of answers; write the one to learn into a column of its own'),
  },
  {
    name: 'a chat (OpenAI, ShareGPT)',
    columns: [need(chatColumns, 'messages', 'empty list')],
    reads: chat,
  },
  {
    name: 'a chat as JSON text',
    columns: [need(chatColumns, 'messages as text')],
    reads: refuse(
      'the messages stand there as text; write the file as JSON lines, with the list of messages itself in each row',
    ),
  },
  {
    name: 'prompts and completions that are messages (TRL)',
    columns: [need('prompt', 'messages'), need('completion', 'messages', 'text')],
    reads: refuse(
      'the prompt is a list of messages; write prompt and completion as one list, in a column "messages"',
    ),
  },
  {
    name: 'texts by turns (UltraChat)',
    columns: [need(['data', 'dialog', 'dialogue', 'conversation', 'conversations', 'messages'], 'texts')],
    reads: refuse('the turns do not say whose they are; write them as messages with a role and a content'),
  },
  {
    name: 'questions with choices (MMLU)',
    columns: [need('question'), need(['choices', 'options', 'endings'], 'texts', 'list', 'object')],
    reads: refuse(
      'the choices are a list; write question and choices as one text, in a column "prompt", and the right one as "completion"',
    ),
  },
  {
    name: 'questions with choices A to D (MMLU)',
    columns: [need('question'), need('A'), need('B'), need('answer')],
    reads: refuse(
      'a template says how the choices are asked, as the prompt "{question}\\nA. {A}\\nB. {B}\\nAnswer: " with the completion "answer"',
    ),
  },
  {
    name: 'questions on a text with lists of answers (SQuAD)',
    columns: [need('question'), need('context'), need('answers', 'object', 'list')],
    reads: refuse('"answers" holds lists; write the text of one into a column "answer"'),
  },
  {
    name: 'questions on a text (SQuAD)',
    columns: [need('question'), need('context'), need(['answer', 'response'])],
    reads: ([, , answer = '']) => pair('{context}\n{question}', answer)(),
  },
  {
    name: 'instructions with a context (Dolly)',
    columns: [need('instruction'), need('context'), need(['response', 'output', 'answer'])],
    reads: ([, , answer = '']) => pair('{instruction}\n{context}', answer)(),
  },
  {
    name: 'instructions with an input (Alpaca, LLaMA-Factory)',
    columns: [need('instruction'), need('input'), need(answers)],
    mustBeEmpty: ['system', 'history'],
    reads: ([, , answer = '']) => pair('{instruction}\n{input}', answer)(),
  },
  {
    name: 'instructions (Alpaca, LLaMA-Factory)',
    columns: [need('instruction'), need(answers)],
    mustBeEmpty: ['system', 'history'],
    reads: ([instruction = '', answer = '']) => pair(instruction, answer)(),
  },
  {
    name: 'questions with a system prompt (OpenOrca)',
    columns: [need(['system_prompt', 'system']), need(['question', 'prompt']), need(answers)],
    mustBeEmpty: ['history'],
    reads: ([system = '', question = '', answer = '']) => pair(`{${system}}\n{${question}}`, answer)(),
  },
  {
    name: 'prompts and completions',
    columns: [
      need(['prompt', 'question', 'input', 'query', 'problem']),
      need(['completion', 'response', 'answer', 'output', 'solution']),
    ],
    mustBeEmpty: ['history'],
    reads: ([prompt = '', completion = '']) => pair(prompt, completion)(),
  },
  ...(
    [
      ['sentence1', 'sentence2'],
      ['premise', 'hypothesis'],
      ['question1', 'question2'],
      ['question', 'sentence'],
      ['question', 'passage'],
      ['text1', 'text2'],
    ] as const
  ).map(judged),
  {
    name: 'texts with a class',
    columns: [
      need(['text', 'sentence', 'content', 'review', 'title']),
      need(labels, 'text', 'number', 'flag'),
    ],
    reads: ([text = '', label = '']) => ({ kind: 'classification', text, label }),
  },
  {
    name: 'texts',
    columns: [need(['text', 'content'])],
    reads: ([column = '']) => ({ kind: 'text', column }),
  },
];
