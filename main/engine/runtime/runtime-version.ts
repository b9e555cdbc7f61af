import './no-telemetry.ts';
import { env } from 'onnxruntime-node';

/** Of ONNX Runtime, as it says itself. */
export const runtimeVersion: string = env.versions.common;
