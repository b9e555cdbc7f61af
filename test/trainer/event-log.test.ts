import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunEvent } from '../../main/trainer/protocol/protocol.ts';
import { eventLogFile, openEventLog, readEvents } from '../../main/trainer/run/event-log.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'nora-events-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const loss = (step: number): RunEvent => ({
  type: 'metrics',
  metrics: [{ step, name: 'train/loss', value: 1 / step }],
});
const notice: RunEvent = { type: 'notice', message: 'größer als gedacht' };
const write = (goesOn: boolean, events: readonly RunEvent[]): number => {
  const log = openEventLog(directory, { goesOn });
  events.forEach(log.append);
  const bytes = log.sync();
  log.close();
  return bytes;
};

describe('the log of a run’s events', () => {
  it('gives them back in their order, from where they were read before', () => {
    const known = write(false, [loss(1), notice]);
    const all = write(true, [loss(2)]);
    expect(readEvents(directory, 0)).toEqual({ events: [loss(1), notice, loss(2)], end: all });
    expect(readEvents(directory, known)).toEqual({ events: [loss(2)], end: all });
    expect(readEvents(directory, all)).toEqual({ events: [], end: all });
  });

  it('keeps what the store keeps, and begins anew with a run that does', () => {
    const progress: RunEvent = { type: 'progress', phase: 'training', done: 1, total: 2 };
    write(false, [loss(1), progress, { type: 'cancelled', step: 1 }]);
    expect(readEvents(directory, 0).events).toEqual([loss(1)]);
    write(false, [loss(3)]);
    expect(readEvents(directory, 0).events).toEqual([loss(3)]);
  });

  it('leaves a line that is being written for later, and cuts it off when the run goes on', () => {
    const whole = write(false, [loss(1)]);
    appendFileSync(eventLogFile(directory), '0badcafe {"type":"metr');
    expect(readEvents(directory, 0)).toEqual({ events: [loss(1)], end: whole });
    write(true, [loss(2)]);
    expect(readEvents(directory, whole).events).toEqual([loss(2)]);
  });

  it('takes no line that is not as it was written', () => {
    const end = write(false, [loss(1), loss(2), loss(3)]);
    const file = eventLogFile(directory);
    const bytes = readFileSync(file);
    const second = bytes.indexOf('\n') + 1;
    bytes[second + 40]! ^= 1;
    writeFileSync(file, bytes);
    expect(readEvents(directory, 0)).toEqual({ events: [loss(1), loss(3)], end });
  });

  it('is read from its beginning where it is shorter than what was known', () => {
    const first = write(false, [loss(1)]);
    const all = write(true, [loss(2)]);
    truncateSync(eventLogFile(directory), first);
    expect(readEvents(directory, all)).toEqual({ events: [loss(1)], end: first });
  });

  it('says nothing where there is none', () => {
    expect(readEvents(directory, 0)).toEqual({ events: [], end: 0 });
  });

  it('is read however long its last line is', () => {
    write(false, [loss(1), { type: 'notice', message: 'x'.repeat(3_000_000) }]);
    appendFileSync(eventLogFile(directory), 'y'.repeat(2_500_000));
    expect(readEvents(directory, 0).events).toHaveLength(2);
  });
});
