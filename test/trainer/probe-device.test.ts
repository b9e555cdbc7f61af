import { expect, it } from 'vitest';
import { deviceReason } from '../../main/trainer/measure/probe-device.ts';

/** As ONNX Runtime 1.30 says it. */
it.each([
  ['Failed to get a WebGPU adapter: No supported adapters', 'no graphics adapter was found'],
  [
    'OrtSessionOptionsAppendExecutionProvider_Cuda: Failed to load shared library',
    'libraries that it needs are not there',
  ],
  [
    'libcudnn.so.9: cannot open shared object file: No such file or directory',
    'libraries that it needs are not there',
  ],
  ['CoreML execution provider is not enabled in this build.', 'ONNX Runtime has no provider for it here'],
  [
    'Non-zero status code returned while running MatMul node.',
    "ONNX Runtime could not compute the model's graph (in MatMul); choose another device if there is one, and please report it",
  ],
])('%s', (raw, reason) => expect(deviceReason(new Error(raw))).toBe(reason));
