import { once } from 'node:events';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { WorkbenchEvent } from '../../main/api/contract.ts';
import { startServer, type RunningServer } from '../../main/api/http-transport.ts';
import { createRouter } from '../../main/api/router.ts';
import type { Workbench } from '../../main/services/workbench.ts';
import { createWorld, type World } from '../services/test-world.ts';

let world: World;
let workbench: Workbench;
let server: RunningServer;
let socket: WebSocket;
const heard: WorkbenchEvent[] = [];

beforeAll(async () => {
  world = createWorld();
  workbench = world.open();
  await world.stock(workbench);
  const router = createRouter(workbench, { subscribe: workbench.subscribe });
  server = await startServer({ router, rendererDirectory: world.path('nowhere') });
  const address = `${server.url.replace('http', 'ws')}api/events`;
  socket = new WebSocket(address, { headers: { authorization: `Bearer ${server.token}` } });
  socket.on('message', (message: Buffer) => heard.push(JSON.parse(message.toString()) as WorkbenchEvent));
  await once(socket, 'open');
});
afterAll(async () => {
  socket.close();
  await server.close();
  for (const trainer of world.trainers.started) trainer.exit();
  await workbench.close();
  world.remove();
});

const call = async (method: string, params: unknown): Promise<unknown> => {
  const answer = await fetch(`${server.url}api/call`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ method, params }),
  });
  return answer.json();
};

it('an answer streams over the socket, in order, under the id that the caller chose', async () => {
  const question = {
    modelId: 'tiny',
    arms: [null],
    rows: [{ arm: 0, prompt: { form: 'text', text: 'the sea' } }],
  };
  expect(await call('generation.start', { id: 'question-1', ...question })).toEqual({
    ok: true,
    result: { id: 'question-1' },
  });
  const trainer = await world.trainers.nth(0);
  trainer.emit({ type: 'ready', notices: [] });
  await vi.waitFor(() => expect(trainer.commands.at(-1)?.type).toBe('ask'));
  expect(trainer.commands.at(-1)).toMatchObject({
    question: { date: '2024-07-26', alternatives: 0, stream: true, rows: [{ settings: { temperature: 0 } }] },
  });
  trainer.emit({
    type: 'answering',
    id: 'question-1',
    prompts: [{ text: 'the sea', tokens: [{ id: 5, text: 'the' }] }],
    notices: [],
  });
  const token = {
    row: 0,
    id: 7,
    text: ' ö',
    probability: 0.25,
    alternatives: [{ id: 7, text: ' ö', probability: 0.25 }],
  };
  trainer.emit({ type: 'tokens', id: 'question-1', tokens: [token] });
  const row = { text: ' ö', finish: 'end' as const, promptTokens: 1, tokens: 1 };
  trainer.emit({ type: 'answered', id: 'question-1', rows: [row], seconds: 0.5 });
  await vi.waitFor(() => expect(heard.some(({ name }) => name === 'generation.ended')).toBe(true));
  const ofAnswer = heard.filter(({ payload }) => 'id' in payload && payload.id === 'question-1');
  expect(ofAnswer).toMatchObject([
    { name: 'generation.prompts', payload: { prompts: [{ text: 'the sea' }] } },
    { name: 'generation.tokens', payload: { tokens: [token] } },
    { name: 'generation.ended', payload: { rows: [row], seconds: 0.5, error: null } },
  ]);
  expect(heard.filter(({ name }) => name === 'generation.changed').length).toBeGreaterThan(1);
});

it.each([
  [{ id: 'short' }, 'id: expected 8 to 64 letters, digits, - or _'],
  [{ rows: [] }, 'rows: '],
  [{ rows: [{ arm: 0, prompt: { form: 'chat', messages: [] } }] }, 'rows[0].prompt.messages: '],
  [
    { rows: [{ arm: 0, prompt: { form: 'text', text: 'a' }, settings: { temperature: 11 } }] },
    'rows[0].settings.temperature: ',
  ],
  [{ modelId: 'none' }, 'there is no model "none"'],
])('a question with %j is refused, naming what is wrong', async (changes, message) => {
  const question = { modelId: 'tiny', arms: [null], rows: [{ arm: 0, prompt: { form: 'text', text: 'a' } }] };
  expect(await call('generation.start', { ...question, ...changes })).toMatchObject({
    ok: false,
    error: { message: expect.stringContaining(message) as string },
  });
});
