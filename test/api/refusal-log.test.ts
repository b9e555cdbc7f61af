import { expect, test } from 'vitest';
import { tellRefusals } from '../../main/api/refusal-log.ts';
import { startTestServer } from './http-double.ts';

test('refusals of one kind are told once a minute', () => {
  const told: string[] = [];
  let now = 0;
  const tell = tellRefusals(
    (text) => told.push(text),
    () => now,
  );
  for (now = 0; now < 120_000; now += 1000) tell({ status: 401, message: 'not signed in' });
  tell({ status: 403, message: 'another site' });
  expect(told).toEqual([
    'a request was refused with 401: not signed in',
    'a request was refused with 401: not signed in',
    'a request was refused with 403: another site',
  ]);
});

test('a server tells of what it refuses, without anything that was sent', async () => {
  const told: string[] = [];
  const running = await startTestServer({}, { onRefusal: tellRefusals((text) => told.push(text)) });
  await running.send({ path: '/?code=the-secret', headers: { host: 'evil.example' } });
  await running.send({ method: 'POST', path: '/api/call', headers: { authorization: 'Bearer the-secret' } });
  await running.send({
    method: 'POST',
    path: '/api/login',
    headers: { 'content-type': 'application/json' },
    body: '{"code":"the-secret"}',
  });
  expect(told.map((text) => text.slice(0, 31))).toEqual([
    'a request was refused with 403:',
    'a request was refused with 401:',
    'a request was refused with 401:',
  ]);
  expect(told.join('')).not.toMatch(/secret|evil/);
  await running.stop();
});
