import { cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { adapterSettingsSchema } from '../../main/engine/adapters/settings/adapter-settings.ts';
import { defaultChatTemplate } from '../../main/engine/data/chat/chat-template.ts';
import { formPrompt } from '../../main/engine/data/chat/form-prompt.ts';
import type { Prompt } from '../../main/engine/data/chat/prompt.ts';
import { loadTokenizer } from '../../main/engine/data/tokens/tokenizer.ts';
import { openSession } from '../../main/trainer/generate/open-session.ts';
import { trainingSettingsSchema } from '../../main/engine/train/settings/training-settings.ts';
import { exportRun } from '../../main/trainer/export/export-run.ts';
import type { ExportKind, RunEvent, RunSpecification } from '../../main/trainer/protocol/protocol.ts';
import { trainRun } from '../../main/trainer/run/train-run.ts';

const workspace = mkdtempSync(join(tmpdir(), 'nora-chat-templates-'));
const trainFile = join(workspace, 'chats.jsonl');
const chat = (question: string, answer: string): string =>
  JSON.stringify({
    messages: [
      { role: 'user', content: question },
      { role: 'assistant', content: answer },
    ],
  });
writeFileSync(
  trainFile,
  Array.from({ length: 12 }, (_, at) => chat(`How deep is buoy ${at}?`, `${at} fathoms.`)).join('\n'),
);

/** The sample with other chat templates than its own. */
const modelWith = (name: string, templates: Readonly<Record<string, string>>): string => {
  const directory = join(workspace, name);
  cpSync(join(import.meta.dirname, '../../main/sample/model'), directory, { recursive: true });
  mkdirSync(join(directory, 'additional_chat_templates'));
  const configFile = join(directory, 'tokenizer_config.json');
  const { chat_template: _, ...config } = JSON.parse(readFileSync(configFile, 'utf8')) as object & {
    chat_template: string;
  };
  writeFileSync(configFile, JSON.stringify(config));
  for (const [file, text] of Object.entries(templates)) writeFileSync(join(directory, file), text);
  return directory;
};

const specification = (
  modelDirectory: string,
  name: string,
  changes: Partial<RunSpecification> = {},
): RunSpecification => ({
  runDirectory: join(workspace, name),
  modelDirectory,
  cacheDirectory: null,
  dataset: {
    trainFile,
    validationFile: trainFile,
    format: { kind: 'chat', column: 'messages' },
    validationFraction: 0.1,
  },
  adapter: adapterSettingsSchema.parse({ method: 'lora', rank: 2, alpha: 4 }),
  training: trainingSettingsSchema.parse({ steps: 4, batchSize: 2, sequenceLength: 64, threads: 2 }),
  seed: 3,
  date: '2026-11-28',
  resumeFrom: null,
  ...changes,
});

const run = async (job: RunSpecification, pauseAt = Infinity): Promise<RunEvent[]> => {
  const events: RunEvent[] = [];
  const steps = (): number =>
    events.filter((event) => event.type === 'metrics' && event.metrics[0]?.name === 'train/loss').length;
  await trainRun(job, {
    emit: (event) => void events.push(event),
    shouldStop: () => (steps() >= pauseAt ? 'pause' : null),
  });
  return events;
};

const exported = async (modelDirectory: string, name: string, kind: ExportKind): Promise<string> => {
  const destination = join(workspace, `${name}-${kind}`);
  await exportRun(
    {
      kind,
      modelDirectory,
      adapterDirectory: join(workspace, name, 'adapter'),
      destination,
      baseModelName: 'sample',
      threads: 2,
    },
    { emit: () => undefined, shouldStop: () => null },
  );
  return destination;
};

const text = (...parts: string[]): string => readFileSync(join(...parts), 'utf8');
const adapterOf = (name: string): Buffer =>
  readFileSync(join(workspace, name, 'adapter/adapter.safetensors'));

test("a run with the workbench's own template says so, and every export brings it", async () => {
  const model = modelWith('without', {});
  const events = await run(specification(model, 'own'));
  const notices = events.flatMap((event) => (event.type === 'notice' ? [event.message] : []));
  expect(notices.join('\n')).toContain('the model has no chat template');
  for (const kind of ['merged', 'adapter'] as const)
    expect(text(await exported(model, 'own', kind), 'chat_template.jinja')).toBe(defaultChatTemplate);
});

const dated =
  "{{ strftime_now('%d %b %Y') }}{% for message in messages %}{{ message.role + ': ' + message.content + eos_token }}{% endfor %}";

test('a dated template gives the same run on any day, going on from a pause too; the date changes it', async () => {
  const model = modelWith('dated', { 'chat_template.jinja': dated });
  await run(specification(model, 'whole'));
  const paused = (await run(specification(model, 'paused'), 2)).at(-1);
  if (paused?.type !== 'paused') throw new Error(`ended with ${paused?.type}`);
  await run(specification(model, 'paused', { resumeFrom: paused.checkpointDirectory }));
  expect(adapterOf('paused').equals(adapterOf('whole'))).toBe(true);
  await run(specification(model, 'other-day', { date: '2026-11-29' }));
  expect(adapterOf('other-day').equals(adapterOf('whole'))).toBe(false);
});

test("a model's own templates are exported, the one for tools too, and none takes their place", async () => {
  const tools = { 'additional_chat_templates/tool_use.jinja': `{# tools #}${dated}` };
  const model = modelWith('tools', { 'chat_template.jinja': dated, ...tools });
  await run(specification(model, 'with-tools'));
  const merged = await exported(model, 'with-tools', 'merged');
  expect(text(merged, 'chat_template.jinja')).toBe(dated);
  expect(text(merged, 'additional_chat_templates/tool_use.jinja')).toBe(`{# tools #}${dated}`);
});

test("data that bring a template are trained with it and with nothing of the model's, and every export carries it", async () => {
  const template =
    '{% for message in messages %}[{{ message.role }}] {{ message.content }}{{ eos_token }}{% endfor %}{% if add_generation_prompt %}[assistant] {% endif %}';
  const tools = { 'additional_chat_templates/tool_use.jinja': `{# tools #}${dated}` };
  const model = modelWith('replaced', { 'chat_template.jinja': dated, ...tools });
  const own = modelWith('has-it', { 'chat_template.jinja': template });
  const withIt = { kind: 'chat', column: 'messages', template } as const;
  const asked = specification(model, 'brought');
  const events = await run({ ...asked, dataset: { ...asked.dataset, format: withIt } });
  expect(events.flatMap((event) => (event.type === 'notice' ? [event.message] : [])).join('\n')).toContain(
    'chats are written with the template that the data bring',
  );
  // The same numbers as on a model that has the template itself: rows, targets and all.
  await run(specification(own, 'its-own'));
  expect(adapterOf('brought').equals(adapterOf('its-own'))).toBe(true);
  await run(specification(model, 'not-brought'));
  expect(adapterOf('brought').equals(adapterOf('not-brought'))).toBe(false);

  for (const kind of ['merged', 'adapter'] as const) {
    const folder = await exported(model, 'brought', kind);
    expect(text(folder, 'chat_template.jinja')).toBe(template);
    // Rows with tools were written with it, too.
    expect(text(folder, 'additional_chat_templates/tool_use.jinja')).toBe(template);
    const exportedTokenizer = kind === 'merged' ? loadTokenizer(folder) : undefined;
    if (exportedTokenizer !== undefined)
      expect([exportedTokenizer.chatTemplate, exportedTokenizer.toolChatTemplate]).toEqual([
        template,
        template,
      ]);
  }
});

test('an answer is asked for with the template of the adapter that gives it', async () => {
  const session = await openSession({
    modelDirectory: join(workspace, 'replaced'),
    arms: [null, join(workspace, 'brought/adapter')],
    baseFormat: 'fp32',
    cacheDirectory: null,
    threads: 2,
  });
  const prompt: Prompt = { form: 'chat', messages: [{ role: 'user', content: 'How deep?' }] };
  const texts = session.tokenizers.map((tokenizer) => formPrompt(tokenizer, prompt, '2026-11-28').text);
  const eos = session.tokenizer.eosToken!;
  expect(texts).toEqual([`28 Nov 2026user: How deep?${eos}`, `[user] How deep?${eos}[assistant] `]);
});
