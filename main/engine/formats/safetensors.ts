/** The safetensors format: https://github.com/huggingface/safetensors, "Format". Little-endian machines only, as are all we run on. */
export { readSafetensorsHeader } from './safetensors-header.ts';
export type { SafetensorsHeader, TensorEntry } from './safetensors-header.ts';
export { readTensorFloat32, readTensorRaw } from './safetensors-reader.ts';
export type { TensorLocation } from './safetensors-reader.ts';
export { writeSafetensors } from './safetensors-writer.ts';
export type { TensorData, TensorToWrite } from './safetensors-writer.ts';
export type { FloatDtype, TensorDtype } from './tensor-dtype.ts';
