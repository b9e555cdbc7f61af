import {
  message,
  toBytes,
  writeBytes,
  writeDouble,
  writeFloat,
  writeInteger,
  writeMessage,
  writeString,
  type Message,
} from '../../../engine/lower/protobuf.ts';
import type { Setting, TrackedRun } from '../tracked-run.ts';
import { maskedCrc32c } from './crc32c.ts';

const nested = (fill: (to: Message) => void): Message => {
  const made = message();
  fill(made);
  return made;
};

/**
 * A record as TensorFlow's files have it: the length (8 bytes, little endian), its masked CRC, the data, its masked CRC
 * (tensorflow/core/lib/io/record_writer.h).
 */
export const recordOf = (data: Uint8Array): Uint8Array => {
  const record = new Uint8Array(16 + data.length);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedCrc32c(record.subarray(0, 8)), true);
  record.set(data, 12);
  view.setUint32(12 + data.length, maskedCrc32c(data), true);
  return record;
};

/** Seconds since 1970, the step, and what is told (tensorflow/core/util/event.proto). */
const eventOf = (milliseconds: number, step: number, tell: (event: Message) => void): Uint8Array =>
  toBytes(
    nested((event) => {
      writeDouble(event, 1, milliseconds / 1000);
      writeInteger(event, 2, step);
      tell(event);
    }),
  );

/** Summary.value: a tag and one number (tensorflow/core/framework/summary.proto). */
const scalar = (tag: string, number: number): Message =>
  nested((summary) =>
    writeMessage(
      summary,
      1,
      nested((value) => {
        writeString(value, 1, tag);
        writeFloat(value, 2, number);
      }),
    ),
  );

/** What a plugin of TensorBoard reads: its data in the metadata of an empty tensor. */
const pluginData = (tag: string, plugin: string, content: Message): Message => {
  const data = nested((to) => {
    writeString(to, 1, plugin);
    writeBytes(to, 2, toBytes(content));
  });
  // DT_FLOAT, with one dimension of size 0.
  const tensor = nested((to) => {
    writeInteger(to, 1, 1);
    writeMessage(
      to,
      2,
      nested((shape) =>
        writeMessage(
          shape,
          2,
          nested((dimension) => writeInteger(dimension, 1, 0)),
        ),
      ),
    );
  });
  return nested((summary) =>
    writeMessage(
      summary,
      1,
      nested((value) => {
        writeString(value, 1, tag);
        writeMessage(value, 8, tensor);
        writeMessage(
          value,
          9,
          nested((metadata) => writeMessage(metadata, 1, data)),
        );
      }),
    ),
  );
};

/** google.protobuf.Value */
const valueOf = (value: Setting): Message =>
  nested((to) => {
    if (typeof value === 'number') writeDouble(to, 2, value);
    else if (typeof value === 'boolean') writeInteger(to, 4, value ? 1 : 0);
    else writeString(to, 3, String(value));
  });

/** HParamsPluginData.session_start_info: the settings, the group, and the time in seconds (tensorboard/plugins/hparams). */
const sessionStart = ({ parameters, name, startedAt }: TrackedRun): Message =>
  nested((plugin) =>
    writeMessage(
      plugin,
      3,
      nested((start) => {
        for (const [key, value] of parameters)
          writeMessage(
            start,
            1,
            nested((entry) => {
              writeString(entry, 1, key);
              writeMessage(entry, 2, valueOf(value));
            }),
          );
        writeString(start, 4, name);
        writeDouble(start, 5, startedAt / 1000);
      }),
    ),
  );

const sessionStatus = { success: 1, failure: 2, running: 3 } as const;

/** HParamsPluginData.session_end_info */
const sessionEnd = ({ status, endedAt, startedAt }: TrackedRun): Message =>
  nested((plugin) =>
    writeMessage(
      plugin,
      4,
      nested((end) => {
        writeInteger(end, 1, status === 'completed' ? sessionStatus.success : sessionStatus.failure);
        writeDouble(end, 2, (endedAt ?? startedAt) / 1000);
      }),
    ),
  );

const isOver = ({ status }: TrackedRun): boolean =>
  status === 'completed' || status === 'failed' || status === 'cancelled';

/** A run as one event file: its settings, then its metrics in the order of their steps. */
export const eventFile = (run: TrackedRun): Uint8Array => {
  const summary =
    (of: Message) =>
    (event: Message): void =>
      writeMessage(event, 5, of);
  const ordered = run.metrics.toSorted((a, b) => a.step - b.step || (a.name < b.name ? -1 : 1));
  const events = [
    eventOf(run.startedAt, 0, (event) => writeString(event, 3, 'brain.Event:2')),
    eventOf(
      run.startedAt,
      0,
      summary(pluginData('_hparams_/session_start_info', 'hparams', sessionStart(run))),
    ),
    ...ordered.map(({ step, time, name, value }) => eventOf(time, step, summary(scalar(name, value)))),
    ...(isOver(run)
      ? [
          eventOf(
            run.endedAt ?? run.startedAt,
            0,
            summary(pluginData('_hparams_/session_end_info', 'hparams', sessionEnd(run))),
          ),
        ]
      : []),
  ];
  return Buffer.concat(events.map(recordOf));
};
