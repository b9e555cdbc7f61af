import { existsSync } from 'node:fs';
import { InferenceSession } from 'onnxruntime-node';

/**
 * The trainer, on a device that is lost as soon as the file that NORA_TEST_LOST_AT names is there: from then on ONNX Runtime answers every run as it
 * does then, in this process and in each that comes after it.
 */
const lostAt = process.env['NORA_TEST_LOST_AT'] ?? '';
const { create } = InferenceSession;
InferenceSession.create = (async (...given: Parameters<typeof create>) => {
  const session = await create(...given);
  const run = session.run.bind(session);
  session.run = ((...values: Parameters<typeof run>) => {
    if (existsSync(lostAt))
      return Promise.reject(
        new Error('Non-zero status code returned while running MatMul node. VK_ERROR_DEVICE_LOST'),
      );
    return run(...values);
  }) as typeof session.run;
  return session;
}) as typeof create;

await import('../../../main/trainer/entry.ts');
