import {
  appendFileSync,
  closeSync,
  openSync,
  readFileSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { defaultChatTemplate } from '../../main/engine/data/chat/chat-template.ts';
import { standardDate } from '../../main/engine/data/chat/template-date.ts';
import { datasetSchema } from '../../main/services/shared/entities.ts';
import { inspectionSchema } from '../../main/trainer/protocol/inspection-schema.ts';
import { previewSchema } from '../../main/trainer/protocol/preview-schema.ts';
import type { MethodParamsParsed } from '../../main/services/shared/methods.ts';
import type { Workbench } from '../../main/services/workbench.ts';
import { writeTinyModel } from '../support/tiny-model.ts';
import { createWorld } from './test-world.ts';
import type { World } from './test-world.ts';

let world: World;
let workbench: Workbench;
beforeEach(async () => {
  world = createWorld();
  workbench = world.open();
  await world.stock(workbench);
});
afterEach(async () => {
  await workbench.close();
  world.remove();
});

const write = (name: string, ...rows: unknown[]): string => {
  const file = world.path(name);
  writeFileSync(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  return file;
};
const preview = (id: string, lossOn: 'completion' | 'all' = 'completion', sequenceLength = 32) =>
  workbench.datasets.preview({ id, modelId: 'tiny', sequenceLength, lossOn, date: '2026-11-28', count: 2 });

describe('importing a dataset', () => {
  test('finds the format and counts the rows', async () => {
    const trainFile = write(
      'asked.jsonl',
      { question: 'who?', answer: 'Ishmael' },
      { question: 'where?', answer: 'at sea' },
    );
    const validationFile = write('held-out.jsonl', { question: 'what?', answer: 'a whale' });
    const dataset = await workbench.datasets.import({ trainFile, validationFile, name: 'questions' });
    expect(datasetSchema.parse(dataset)).toMatchObject({
      name: 'questions',
      trainFile,
      validationFile,
      format: { kind: 'prompt-completion', prompt: 'question', completion: 'answer' },
      columns: ['question', 'answer'],
      trainRows: 2,
      validationRows: 1,
    });
    expect(workbench.datasets.show({ id: 'questions' })).toEqual(dataset);
    await expect(workbench.datasets.import({ trainFile, name: 'questions' })).rejects.toThrow(
      'there is a dataset "questions"',
    );
    expect((await workbench.datasets.import({ trainFile: write('sea.json', { text: 'a' }) })).name).toBe(
      'sea 2',
    );
  });

  test.each([
    [
      'a missing column',
      [{ text: 'a' }, { words: 'b' }],
      { kind: 'text', column: 'text' },
      'bad.jsonl, line 2: column "text" is missing',
    ],
    [
      'a list for text',
      [{ text: ['a'] }],
      { kind: 'text', column: 'text' },
      'bad.jsonl, line 1: column "text" holds a list or an object, not text',
    ],
    [
      'a template over a missing column',
      [{ a: 'x', b: 'y' }, { b: 'y' }],
      { kind: 'prompt-completion', prompt: '{a}:', completion: 'b' },
      'bad.jsonl, line 2: column "a" is missing',
    ],
    [
      'no messages',
      [{ messages: [] }],
      { kind: 'chat', column: 'messages' },
      'bad.jsonl, line 1, messages: must be a list of messages',
    ],
    [
      'columns that say nothing',
      [{ a: 'x', b: 'y' }],
      undefined,
      'bad.jsonl: say which of the columns to train on: "a", "b"',
    ],
  ] as const)('refuses %s by line', async (_, rows, format, message) => {
    const trainFile = write('bad.jsonl', ...rows);
    await expect(workbench.datasets.import({ trainFile, format })).rejects.toThrow(message);
    expect(workbench.datasets.list()).toHaveLength(1);
  });
});

describe('looking at a file before it is imported', () => {
  const inspect = async (trainFile: string, asked: Partial<MethodParamsParsed<'datasets.inspect'>> = {}) =>
    inspectionSchema.parse(await workbench.datasets.inspect({ trainFile, ...asked }));

  test('its first rows, what they are taken for, and what is learnt of them', async () => {
    const trainFile = write(
      'dolly.jsonl',
      { instruction: 'who?', context: 'at sea', response: 'Ishmael', id: 1.5 },
      { instruction: 'where?', context: '', response: 'here' },
    );
    const found = await inspect(trainFile);
    expect(found).toMatchObject({
      rowsRead: 2,
      isWhole: true,
      separator: null,
      form: 'instructions with a context (Dolly)',
      format: { kind: 'prompt-completion', prompt: '{instruction}\n{context}', completion: 'response' },
      problem: null,
      preview: null,
    });
    expect(found.columns).toEqual([
      { name: 'instruction', holds: 'text', parts: ['prompt'] },
      { name: 'context', holds: 'text', parts: ['prompt'] },
      { name: 'response', holds: 'text', parts: ['completion'] },
      { name: 'id', holds: 'number', parts: [] },
    ]);
    expect(found.rows).toEqual([
      { line: 1, cells: ['who?', 'at sea', 'Ishmael', '1.5'] },
      { line: 2, cells: ['where?', '', 'here', null] },
    ]);
    expect(found.examples[1]).toEqual({
      line: 2,
      parts: [
        { name: 'prompt', text: 'where?', learnt: false },
        { name: 'completion', text: 'here', learnt: true },
      ],
    });
  });

  test('takes a file for what an import takes it for, and shows the tokens that a run would train on', async () => {
    const trainFile = write('sea.json', { prompt: 'who? ', completion: 'Ahab' });
    const format = { kind: 'prompt-completion', prompt: '{prompt}!', completion: 'completion' } as const;
    for (const asked of [{}, { format }]) {
      const found = await inspect(trainFile, { ...asked, modelId: 'tiny' });
      const imported = await workbench.datasets.import({ trainFile, ...asked });
      expect(found.format).toEqual(imported.format);
      expect(found.form).toBe(imported.form);
      expect(found.preview?.examples).toEqual((await preview(imported.id)).examples);
    }
  });

  test('turns, their weights and what is not text of a chat', async () => {
    const messages = [
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: 'no', weight: 0 },
      { role: 'user', content: 'please' },
      { role: 'assistant', content: 'aye', tool_calls: [{ depth: 1.0 }] },
    ];
    expect((await inspect(write('chat.jsonl', { messages }))).examples[0]?.parts).toEqual([
      { name: 'user', text: 'hi', learnt: false },
      { name: 'assistant', text: 'no', learnt: false },
      { name: 'user', text: 'please', learnt: false },
      { name: 'assistant', text: 'aye\n{"tool_calls": [{"depth": 1}]}', learnt: true },
    ]);
  });

  test.each([
    [
      'nothing fits the columns',
      [{ a: 'x', b: 'y' }],
      undefined,
      'say which of the columns to train on: "a", "b"',
    ],
    [
      'the guess is refused',
      [{ chosen: 'x', rejected: 'y' }],
      undefined,
      'looks like chosen and rejected texts',
    ],
    [
      'a row lacks a column',
      [{ a: 'x' }, { b: 'y' }],
      { kind: 'text', column: 'a' } as const,
      'f.jsonl, line 2: column "a" is missing',
    ],
  ])('shows the rows and names the problem where %s', async (_, rows, format, problem) => {
    const found = await inspect(write('f.jsonl', ...rows), format === undefined ? {} : { format });
    expect(found.problem).toContain(problem);
    expect(found.rows).toHaveLength(rows.length);
  });

  test('names the line of the first row that cannot be read, and shows those before it', async () => {
    const trainFile = world.path('half.jsonl');
    writeFileSync(trainFile, '{"text":"a"}\n{"text":"b"\n{"text":"c"}\n');
    const found = await inspect(trainFile);
    expect(found.problem).toMatch(/^half\.jsonl, line 2: not JSON/);
    expect(found).toMatchObject({ isWhole: false, rows: [{ line: 1, cells: ['a'] }] });
    await expect(inspect(world.path('none.jsonl'))).rejects.toThrow('none.jsonl: no such file');
    await expect(inspect(world.path('data', 'workbench.sqlite'))).rejects.toThrow(
      'workbench.sqlite: is an SQLite database; write a table of it as JSON lines or CSV first',
    );
    writeFileSync(world.path('sea.txt'), 'The sea is blue.');
    await expect(inspect(world.path('sea.txt'))).rejects.toThrow(
      'data must be a .jsonl, .json, .csv or .tsv file',
    );
  });

  test('reads no more than the beginning of a large file', async () => {
    const trainFile = world.path('large.jsonl');
    const row = `${JSON.stringify({ text: 'sea '.repeat(250) })}\n`;
    writeFileSync(trainFile, row.repeat(1000));
    // Whatever is behind the first stretch is not looked at, so it may be anything.
    appendFileSync(trainFile, 'not JSON\n');
    const found = await inspect(trainFile);
    expect(found).toMatchObject({ bytes: 1000 * row.length + 9, isWhole: false, problem: null });
    expect(found.rowsRead).toBe(Math.floor(2 ** 18 / row.length));
  });
});

describe("a chat template in place of the model's", () => {
  const chats = (): string =>
    write('chats.jsonl', {
      messages: [
        { role: 'user', content: 'who?' },
        { role: 'assistant', content: 'Ahab' },
      ],
    });
  const template = '{% for m in messages %}{{ m.role }}={{ m.content }};{% endfor %}';

  test('is tried in a preview, and comes with data that are imported with it', async () => {
    const trainFile = chats();
    const plain = await workbench.datasets.import({ trainFile, name: 'plain' });
    const asked = {
      id: plain.id,
      modelId: 'tiny',
      sequenceLength: 64,
      lossOn: 'completion',
      count: 1,
    } as const;
    const date = '2026-11-28';
    const before = await workbench.datasets.preview({ ...asked, date });
    const tried = await workbench.datasets.preview({ ...asked, date, template });
    expect(tried.examples[0]?.rendered).toBe('user=who?;assistant=Ahab;');
    expect(tried.examples[0]?.tokens.map(({ text }) => text).join('')).toBe('user=who?;assistant=Ahab;');
    expect(before.examples[0]?.rendered).toContain('<|user|>\nwho?');

    const format = { kind: 'chat', column: 'messages', template } as const;
    const own = await workbench.datasets.import({ trainFile, name: 'own', format });
    expect(datasetSchema.parse(own).format).toEqual(format);
    expect((await workbench.datasets.preview({ ...asked, date, id: own.id })).examples).toEqual(
      tried.examples,
    );
  });

  test('is refused with its line where it is none', async () => {
    const format = { kind: 'chat', column: 'messages', template: 'a\n{% for %}' } as const;
    await expect(workbench.datasets.import({ trainFile: chats(), format })).rejects.toThrow(
      /^the data's chat template, line 2: /,
    );
    expect(await workbench.datasets.inspect({ trainFile: chats(), format })).toMatchObject({
      problem: expect.stringMatching(/, line 2: /) as string,
    });
  });

  test("can begin as a model's own, or as what stands in for a missing one", async () => {
    const { template: own, ...rest } = await workbench.models.chatTemplate({ id: 'tiny' });
    expect(rest).toEqual({ isOwn: true, forTools: null });
    expect(own).toContain('<|');
    const directory = writeTinyModel(world.path('bare'));
    const configFile = join(directory, 'tokenizer_config.json');
    const config = JSON.parse(readFileSync(configFile, 'utf8')) as Record<string, unknown>;
    delete config['chat_template'];
    writeFileSync(configFile, JSON.stringify(config));
    await workbench.models.import({ directory });
    expect(await workbench.models.chatTemplate({ id: 'bare' })).toEqual({
      template: defaultChatTemplate,
      isOwn: false,
      forTools: null,
    });
  });
});

test('a file whose rows all have keys of their own is no data', async () => {
  const rows = Array.from({ length: 10_001 }, (_, index) => ({ text: 'a', [`key ${index}`]: 1 }));
  await expect(workbench.datasets.import({ trainFile: write('keys.jsonl', ...rows) })).rejects.toThrow(
    /^keys\.jsonl, line 10000: the file has more than 10000 columns up to here; /,
  );
});

describe('what is found out at import', () => {
  const writeText = (name: string, text: string): string => {
    const file = world.path(name);
    writeFileSync(file, text);
    return file;
  };

  test('the form, the separators and the columns that are left out', async () => {
    const dataset = await workbench.datasets.import({
      trainFile: writeText('sea.csv', 'instruction;context;response;category\nwho?;"a; b";Ishmael;1,5\n'),
      validationFile: writeText('sea.tsv', 'instruction\tcontext\tresponse\tcategory\nwho?\t\tAhab\t2\n'),
    });
    expect(datasetSchema.parse(dataset)).toMatchObject({
      trainSeparator: 'semicolon',
      validationSeparator: 'tab',
      form: 'instructions with a context (Dolly)',
      format: { kind: 'prompt-completion', prompt: '{instruction}\n{context}', completion: 'response' },
      unusedColumns: ['category'],
    });
    expect(workbench.datasets.show({ id: dataset.id })).toEqual(dataset);
    expect((await preview(dataset.id)).report.rows).toBe(1);
  });

  test('the separator that is said holds in the preview too', async () => {
    const trainFile = writeText('odd.csv', 'prompt;completion,x\na;b,c\n');
    await expect(workbench.datasets.import({ trainFile })).rejects.toThrow(
      'odd.csv, line 1: the columns could be separated by comma or by semicolon',
    );
    const format = { kind: 'text', column: 'completion,x' } as const;
    const dataset = await workbench.datasets.import({ trainFile, separator: 'semicolon', format });
    expect(dataset).toMatchObject({ trainSeparator: 'semicolon', form: null, unusedColumns: ['prompt'] });
    expect((await preview('odd')).problem).toBeNull();
  });

  test('a form that is refused is taken as the person says', async () => {
    const trainFile = write('wanted.jsonl', { prompt: 'a', completion: 'b', label: true });
    await expect(workbench.datasets.import({ trainFile })).rejects.toThrow(
      expect.objectContaining({ code: 'unsupported' }),
    );
    const format = { kind: 'prompt-completion', prompt: 'prompt', completion: 'completion' } as const;
    expect((await workbench.datasets.import({ trainFile, format })).unusedColumns).toEqual(['label']);
  });

  test('a row that says more than the form takes is refused by line, in held-out rows too', async () => {
    const row = { instruction: 'a', input: '', output: 'b', system: '' };
    const [plain, changed] = [
      write('plain.jsonl', row),
      write('changed.jsonl', row, { ...row, system: 'Rhyme.' }),
    ];
    const message = 'changed.jsonl, line 2: looks like instructions with an input (Alpaca, LLaMA-Factory)';
    await expect(workbench.datasets.import({ trainFile: changed })).rejects.toThrow(message);
    await expect(workbench.datasets.import({ trainFile: plain, validationFile: changed })).rejects.toThrow(
      message,
    );
    expect((await workbench.datasets.import({ trainFile: plain })).unusedColumns).toEqual(['system']);
  });
});

describe('the preview', () => {
  test('begins where it is wanted, and reads no other part of the file than that', async () => {
    const texts = Array.from({ length: 40_000 }, (_, index) => ({ text: `row ${index} of the log` }));
    const trainFile = write('log.jsonl', ...texts);
    const written = 1_700_000_000;
    utimesSync(trainFile, written, written);
    await workbench.datasets.import({ trainFile });
    // What is behind the beginning of the file is broken, in a way that its entry in the folder does not show.
    const file = openSync(trainFile, 'r+');
    writeSync(file, Buffer.alloc(1000, '{'), 0, 1000, 300_000);
    closeSync(file);
    utimesSync(trainFile, written, written);
    const asked = { id: 'log', modelId: 'tiny', sequenceLength: 32, lossOn: 'all', count: 1 } as const;
    const shown = await workbench.datasets.preview({ ...asked, date: '2024-07-26', firstRow: 39_990 });
    const [example] = shown.examples;
    expect(example?.tokens.map(({ text }) => text).join('')).toContain('row 39990 of the log');
    expect(shown).toMatchObject({ report: { rows: 10 }, notices: [], problem: null });
    await expect(
      workbench.datasets.preview({ ...asked, date: '2024-07-26', firstRow: 40_000 }),
    ).rejects.toThrow('log.jsonl: has 40000 rows; there is no row 40001');

    utimesSync(trainFile, written + 10, written + 10);
    const other = await workbench.datasets.preview({ ...asked, date: '2024-07-26' });
    expect(other.notices).toEqual([
      expect.stringContaining('log.jsonl looks as if it was written since it was imported'),
    ]);
  });

  test('shows tokens with the mask of the loss', async () => {
    await workbench.datasets.import({
      trainFile: write('asked.jsonl', { prompt: 'who?', completion: ' Ishmael' }),
    });
    const shown = previewSchema.parse(await preview('asked'));
    const tokens = shown.examples[0]!.tokens;
    expect(shown.problem).toBeNull();
    expect(shown.report).toMatchObject({ rows: 1, kept: 1, withoutTargets: 0 });
    expect(
      tokens
        .filter(({ target }) => !target)
        .map(({ text }) => text)
        .join(''),
    ).toContain('who?');
    expect(
      tokens
        .filter(({ target }) => target)
        .map(({ text }) => text)
        .join(''),
    ).toContain('Ishmael');
  });

  test('says what a person should know of rows that are trained on', async () => {
    await workbench.datasets.import({
      trainFile: write('spanned.jsonl', { prompt: 'the ', completion: 'whale' }),
    });
    const shown = previewSchema.parse(await preview('spanned'));
    expect(shown.problem).toBeNull();
    expect(shown.notices).toEqual([
      expect.stringMatching(/^in 1 of 1 rows a token spans the end of the prompt/),
    ]);
  });

  test('says when everything is masked, and shows the tokens nevertheless', async () => {
    await workbench.datasets.import({
      trainFile: write('long.jsonl', {
        prompt: 'call me Ishmael, some years ago, never mind how long',
        completion: 'x',
      }),
    });
    const shown = previewSchema.parse(await preview('long', 'completion', 4));
    expect(shown.problem).toContain('no row has a token to learn: 1 of 1 rows are longer than 4 tokens');
    expect(shown.report).toEqual({
      rows: 1,
      kept: 0,
      truncated: 1,
      withoutTargets: 1,
      tokens: 0,
      targetTokens: 0,
    });
    expect(shown.examples[0]!.tokens).toHaveLength(4);
    expect(shown.examples[0]!.tokens.some(({ target }) => target)).toBe(false);
  });

  test('says when the tokenizer gives ids that the model has no embedding for', async () => {
    const directory = writeTinyModel(world.path('grown'));
    const file = world.path('grown', 'tokenizer.json');
    const tokenizer = JSON.parse(readFileSync(file, 'utf8')) as { added_tokens: object[] };
    const added = { ...tokenizer.added_tokens[0], id: 2048, content: '[EXTRA]' };
    writeFileSync(file, JSON.stringify({ ...tokenizer, added_tokens: [...tokenizer.added_tokens, added] }));
    await workbench.models.import({ directory });
    await workbench.datasets.import({
      trainFile: write('grown.jsonl', { text: 'a' }, { text: 'a [EXTRA]' }),
    });
    const ask = { sequenceLength: 32, lossOn: 'all', count: 2, date: standardDate } as const;
    const shown = await workbench.datasets.preview({ id: 'grown', modelId: 'grown', ...ask });
    expect(shown.problem).toBe(
      `grown.jsonl, row 2: the tokenizer gives the id 2048, but ${directory} has 2048 embeddings: tokenizer and weights do not belong together`,
    );
    expect(shown.examples).toHaveLength(2);
    expect((await workbench.datasets.preview({ id: 'sea', modelId: 'grown', ...ask })).problem).toBeNull();
  });
});
