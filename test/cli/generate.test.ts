import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCommandLine, type CommandLine } from './nora.ts';

let cli: CommandLine;
let path: (...names: string[]) => string;
beforeAll(() => {
  cli = createCommandLine();
  path = (...names) => join(cli.directory, ...names);
});
afterAll(() => cli.remove());

const lines = (file: string): Record<string, unknown>[] =>
  readFileSync(path(file), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('nora generate', () => {
  it('streams an answer, and gives the same as a document with probabilities', async () => {
    const words = ['generate', 'sample', '--prompt', 'Call me', '--max-tokens', '8'];
    const { code, stdout } = await cli.nora(...words);
    expect(code).toBe(0);
    const { document } = await cli.noraJson(...words, '--probabilities', '2');
    const [answer, ...others] = document.answers;
    expect(others).toEqual([]);
    expect(answer).toMatchObject({ arm: 'base', finish: 'length', tokens: 8 });
    expect(stdout).toBe(`${answer.text}\n`);
    expect(answer.probabilities.map(({ text }: { text: string }) => text).join('')).toBe(answer.text);
    expect(answer.probabilities[0].alternatives).toHaveLength(2);
  });

  it('reads the prompt from a pipe, and answers a message through the template', async () => {
    const { code, stdout } = await cli.noraReading(
      'What is a whale?\n',
      ...['generate', 'sample', '--message', '-', '--system', 'Be brief.', '--max-tokens', '4', '--json'],
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout).prompt.messages).toEqual([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'What is a whale?' },
    ]);
  });

  it('answers a file, each row by a seed of its own, and goes on where it was stopped', async () => {
    const rows = ['Call me', 'The sea', 'A whale', 'Call me', 'The ship'];
    writeFileSync(path('rows.jsonl'), rows.map((prompt) => `${JSON.stringify({ prompt })}\n`).join(''));
    const words = ['generate', 'sample', '--file', 'rows.jsonl', '--max-tokens', '5', '--preset', 'creative'];
    const { code, stdout } = await cli.nora(...words, '--output', 'out.jsonl', '--batch', '2');
    expect([code, stdout]).toEqual([0, `Answered 5 rows: ${path('out.jsonl')}\n`]);
    const whole = lines('out.jsonl');
    expect(whole.map(({ row, prompt }) => [row, prompt])).toEqual(rows.map((prompt, at) => [at, prompt]));
    const texts = whole.map(({ answers }) => (answers as { text: string }[])[0]!.text);
    expect(texts[0]).not.toBe(texts[3]);
    expect(existsSync(path('out.jsonl.partial'))).toBe(false);

    // As an interrupted command leaves it: two rows, and a third that was being written.
    const head = { model: whole, file: null };
    writeFileSync(path('again.jsonl.partial'), `${JSON.stringify({ answersTo: head })}\n`);
    const other = await cli.nora(...words, '--output', 'again.jsonl');
    expect(other).toMatchObject({
      code: 2,
      stderr: `error: ${path('again.jsonl.partial')}: holds answers to another model, file or settings; remove it to begin anew\n`,
    });
    expect(await cli.nora(...words, '--output', 'out.jsonl')).toMatchObject({
      code: 2,
      stderr: `error: ${path('out.jsonl')}: there is such a file already\n`,
    });
  }, 60_000);

  it('goes on with a file that was interrupted', async () => {
    const rows = Array.from({ length: 20 }, (_, at) => ({ prompt: `Row ${at}` }));
    writeFileSync(path('many.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    const words = ['generate', 'sample', '--file', 'many.jsonl', '--max-tokens', '12'];
    const first = cli.start(...words, '--output', 'many-out.jsonl', '--batch', '1');
    await first.said(/answering [4-8]\/20|answering 1\d\/20/);
    first.child.kill('SIGINT');
    const { code, stdout } = await first.ended;
    expect(code).toBe(130);
    expect(stdout).toMatch(/Stopped after \d+ of 20 rows; the same command goes on from there/);
    expect(existsSync(path('many-out.jsonl'))).toBe(false);
    const done = lines('many-out.jsonl.partial').length - 1;
    expect(done).toBeGreaterThan(3);

    const second = await cli.nora(...words, '--output', 'many-out.jsonl', '--batch', '8');
    expect(second.stderr).toContain(`Going on behind the ${done} rows that are answered already`);
    expect((await cli.nora(...words, '--output', 'whole.jsonl', '--batch', '8')).code).toBe(0);
    expect(lines('many-out.jsonl')).toEqual(lines('whole.jsonl'));
  }, 120_000);

  it('takes chats up to their last answer, and names the rows that it can not answer', async () => {
    const chat = (...contents: string[]) => ({
      messages: contents.map((content, at) => ({ role: at % 2 === 0 ? 'user' : 'assistant', content })),
    });
    writeFileSync(
      path('chats.jsonl'),
      [chat('Who?', 'Ishmael.'), chat('Where?', 'At sea.', 'And then?')]
        .map((row) => `${JSON.stringify(row)}\n`)
        .join(''),
    );
    const words = ['generate', 'sample', '--max-tokens', '3'];
    expect((await cli.nora(...words, '--file', 'chats.jsonl', '--output', 'answers.jsonl')).code).toBe(0);
    expect(lines('answers.jsonl')).toMatchObject([
      { prompt: [{ role: 'user', content: 'Who?' }], expected: 'Ishmael.' },
      { prompt: [{ content: 'Where?' }, { content: 'At sea.' }, { content: 'And then?' }] },
    ]);
    writeFileSync(
      path('long.jsonl'),
      `{"prompt":"a"}\n${JSON.stringify({ prompt: 'whale '.repeat(600) })}\n`,
    );
    const { code, stderr } = await cli.nora(...words, '--file', 'long.jsonl', '--output', 'long-out.jsonl');
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /long\.jsonl, rows 1 to 2: row 2: the prompt has \d+ tokens, and the model 512 positions/,
    );
  }, 60_000);

  it('refuses what does not go together', async () => {
    const refused = async (message: string, ...words: string[]): Promise<void> =>
      expect(await cli.nora('generate', 'sample', ...words)).toEqual({
        code: 2,
        stdout: '',
        stderr: `error: ${message}\n`,
      });
    await refused('give one of --prompt, --message and --file');
    await refused(
      'no adapter "x": the model sample has none of this id, name or experiment/configuration; nora adapter list shows what there is',
      ...['--prompt', 'a', '--adapter', 'x'],
    );
  }, 60_000);
});

describe('nora chat', () => {
  it('holds a conversation over a pipe, with commands', async () => {
    const words = ['chat', 'sample', '--max-tokens', '6', '--temperature', '1'];
    const typed =
      'Hello\n/seed 3\n/nothing\n\nAnd then?\n/system Be brief.\n/reset\nAgain\n/quit\nnever read\n';
    const { code, stdout, stderr } = await cli.noraReading(typed, ...words);
    expect(code).toBe(0);
    expect(stdout.split('\n\n').filter((answer) => answer.trim() !== '').length).toBeGreaterThanOrEqual(3);
    expect(stderr).toContain('Seed 3.');
    expect(stderr).toContain('There is no /nothing.');
    expect(stderr).toContain('Forgotten; the system message stays.');

    const whole = await cli.noraReading(typed, ...words, '--json');
    expect(JSON.parse(whole.stdout).messages.map(({ role }: { role: string }) => role)).toEqual([
      'system',
      'user',
      'assistant',
    ]);
  }, 60_000);

  it('stops an answer at Ctrl-C, and the conversation goes on', async () => {
    const { child, said, ended } = cli.startTyping('chat', 'sample', '--max-tokens', '400');
    child.stdin!.write('Hello\n');
    await said(/\w{3}/);
    child.kill('SIGINT');
    await said(/\[stopped\]/);
    child.stdin!.write('/help\n');
    await said(/\/reset forgets the conversation/);
    child.kill('SIGINT'); // while nothing is answered, it ends
    expect((await ended).code).toBe(0);
  }, 60_000);
});
