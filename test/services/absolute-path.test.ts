import { homedir } from 'node:os';
import { describe, expect, test } from 'vitest';
import { sourcePath, targetPath } from '../../main/services/shared/absolute-path.ts';
import { pathRefusal, readPathText, type Machine } from '../../main/services/shared/path-text.ts';

const linux: Machine = { isWindows: false, home: '/home/ann' };
const windows: Machine = { isWindows: true, home: 'C:\\Users\\ann' };

describe('what a text means', () => {
  test.each([
    ['/data/a b.jsonl', '/data/a b.jsonl'],
    ['  /data/a.jsonl\n', '/data/a.jsonl'],
    ['"/data/a.jsonl"', '/data/a.jsonl'],
    ["' /data/a.jsonl '", '/data/a.jsonl'],
    ['~', '/home/ann'],
    ['~/models', '/home/ann/models'],
    ['"~/models"', '/home/ann/models'],
    ['file:///data/a%20b.jsonl', '/data/a b.jsonl'],
    ['file://localhost/data', '/data'],
    ['/data/~/a', '/data/~/a'],
    ['/data/"quoted"', '/data/"quoted"'],
  ])('on Linux, %j', (text, path) => {
    expect(readPathText(text, linux)).toBe(path);
    expect(pathRefusal(path, 'source', linux)).toBeNull();
    expect(readPathText(path, linux)).toBe(path);
  });

  test.each([
    ['"C:\\data\\a.jsonl"', 'C:\\data\\a.jsonl'],
    ['d:/data', 'd:/data'],
    ['~\\models', 'C:\\Users\\ann\\models'],
    ['~/models', 'C:\\Users\\ann/models'],
    ['\\\\server\\share\\a', '\\\\server\\share\\a'],
    ['file:///C:/data/a%20b', 'C:\\data\\a b'],
    ['file://server/share/a', '\\\\server\\share\\a'],
  ])('on Windows, %j', (text, path) => {
    expect(readPathText(text, windows)).toBe(path);
    expect(pathRefusal(path, 'source', windows)).toBeNull();
  });

  test('in a browser, ~ is left to the server, and what is relative everywhere is refused', () => {
    for (const text of ['~/a', '"/a"', 'C:\\a', 'file:///a'])
      expect(pathRefusal(readPathText(text, null), 'source', null)).toBeNull();
    expect(pathRefusal('a/b.jsonl', 'source', null)).toMatch(/^expected a whole path/);
  });
});

const refusal = (text: string, machine = linux, use: 'source' | 'target' = 'source'): string | null =>
  pathRefusal(readPathText(text, machine), use, machine);

describe('what is refused, and what is said of it', () => {
  test.each([
    ['', 'expected a path, not ""'],
    ['""', 'expected a path, not ""'],
    ['data/a.jsonl', 'expected a whole path, such as ~/data/a.jsonl, not "data/a.jsonl"'],
    ['./a.jsonl', 'expected a whole path, such as ~/a.jsonl, not "./a.jsonl"'],
    ['../../a.jsonl', 'expected a whole path, such as ~/a.jsonl, not "../../a.jsonl"'],
    ['$HOME/a.jsonl', 'expected a whole path, such as ~/a.jsonl, not "$HOME/a.jsonl"'],
    ['..', 'expected a whole path, such as ~, not ".."'],
    ['~ben/a', '"~ben/a": only ~ for your own home is filled in; type the whole path, from / on'],
    [
      'C:\\a',
      '"C:\\\\a" is a path of Windows, and the workbench runs on another system; type the whole path, from / on',
    ],
    ['file://other/a', '"file://other/a" is the address of no file here; type the whole path, from / on'],
    ['file:///a%2Fb', '"file:///a%2Fb" is the address of no file here; type the whole path, from / on'],
    ['file:///%zz', '"file:///%zz" is the address of no file here; type the whole path, from / on'],
    [
      'https://example.org/a.zip',
      '"https://example.org/a.zip" is a web address, and the workbench downloads nothing: download it and give its path',
    ],
    ['/a\0b', 'no path has a NUL character in it: "/a\\u0000b"'],
  ])('on Linux, %j', (text, message) => {
    expect(refusal(text)).toBe(message);
  });

  test.each(['a', '\\a', '/a', 'C:a', 'file:///a'])('on Windows, %j leaves out the drive', (text) => {
    expect(refusal(text, windows)).toMatch(/such as ~\\a, not|from the drive on/);
  });
});

describe('a name of the Hugging Face Hub', () => {
  const model = 'run "hf download org/name" and give the folder that it prints';

  test.each(['org/name', 'HuggingFaceTB/SmolLM2-135M'])('%s may be one, or a relative path', (name) => {
    const told = refusal(name);
    expect(told).toMatch(/^expected a whole path/);
    expect(told).toContain(`if that is a name on the Hugging Face Hub, the workbench downloads nothing: run`);
    expect(told).toContain(`"hf download ${name}"`);
  });

  test.each([
    ['https://huggingface.co/org/name', model],
    ['https://huggingface.co/org/name/tree/main?library=transformers', model],
    ['huggingface.co/org/name/', model],
    ['https://hf.co/org/name', model],
    ['hf://org/name@main', model],
    ['https://huggingface.co/gpt2', 'run "hf download gpt2"'],
    ['https://huggingface.co/datasets/org/name', 'run "hf download --repo-type dataset org/name"'],
    [
      'https://huggingface.co/datasets/org/name/resolve/main/data/train.jsonl?download=true',
      'run "hf download --repo-type dataset org/name data/train.jsonl" and give the file that it prints',
    ],
    ['https://huggingface.co/spaces/a/b', 'download what is there and give its path'],
  ])('%s is one', (address, advice) => {
    expect(refusal(address)).toMatch(/ is on the Hugging Face Hub, and the workbench downloads nothing: /);
    expect(refusal(address)).toContain(advice);
  });

  test('is not seen in files, nor where something is to be written', () => {
    expect(refusal('data/train.jsonl')).not.toContain('Hub');
    expect(refusal('a/b/c')).not.toContain('Hub');
    expect(refusal('org/name', linux, 'target')).not.toContain('Hub');
    expect(refusal('https://huggingface.co/org/name', linux, 'target')).toBe(
      '"https://huggingface.co/org/name" is a web address, and nothing is uploaded',
    );
  });

  test('gives no command with more in it than a name', () => {
    expect(refusal('https://huggingface.co/org/$(name)')).not.toContain('hf download');
    expect(refusal('https://huggingface.co/-x/name')).not.toContain('hf download');
  });
});

test('on this machine, ~ is the home of whoever runs the workbench', () => {
  expect(sourcePath.parse(' "~/a" ')).toBe(`${homedir()}/a`);
  expect(targetPath.parse('~')).toBe(homedir());
  expect(targetPath.safeParse('a').success).toBe(false);
});
