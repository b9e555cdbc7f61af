import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';

/** What ONNX Runtime's library is called. */
const names: Partial<Record<NodeJS.Platform, string>> = {
  win32: 'onnxruntime.dll',
  darwin: 'libonnxruntime.1.dylib',
};

/** The library that onnxruntime-node opens: beside its binding, which an asar does not hold but the folder beside it. */
export const libraryPath = (): string => {
  const entry = createRequire(import.meta.url).resolve('onnxruntime-node');
  const name = names[process.platform] ?? 'libonnxruntime.so.1';
  return join(dirname(entry), '../bin/napi-v6', process.platform, process.arch, name).replace(
    `app.asar${sep}`,
    `app.asar.unpacked${sep}`,
  );
};
