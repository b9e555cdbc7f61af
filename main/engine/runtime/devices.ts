import type { DeviceName } from './device-names.ts';
import { nativeTarget, portableTarget, type LoweringTarget } from '../lower/lower.ts';

/** What ONNX Runtime is told for a device. Each entry is all that a device is: no code asks which one it has. */
export interface Device {
  readonly name: DeviceName;
  /** What people read: in lists, and in errors. */
  readonly label: string;
  /** ONNX Runtime's name of the execution provider. */
  readonly provider: string;
  readonly lowering: LoweringTarget;
  /** Outputs can stay on the device and be fed again: adapter and optimizer state never leave it. */
  readonly resident: boolean;
  /** Weights are read in place from the files; elsewhere they are copied to the device. */
  readonly weightsInPlace: boolean;
  /** process.platform values that ONNX Runtime has the provider for. */
  readonly platforms: readonly NodeJS.Platform[];
  /** What ONNX Runtime's session is configured with, key by key. */
  readonly configuration: Readonly<Record<string, string>>;
}

/** A node that a device cannot run is an error at the start, not a slow copy in every step. */
const wholly = { disable_cpu_ep_fallback: '1' };
const accelerator = {
  lowering: portableTarget,
  resident: false,
  weightsInPlace: false,
  configuration: wholly,
};

export const devices: { readonly [N in DeviceName]: Device & { readonly name: N } } = {
  cpu: {
    name: 'cpu',
    label: 'CPU',
    provider: 'cpu',
    lowering: nativeTarget,
    resident: false,
    weightsInPlace: true,
    platforms: ['linux', 'darwin', 'win32'],
    configuration: { disable_prepacking: '1' },
  },
  webgpu: {
    ...accelerator,
    name: 'webgpu',
    label: 'WebGPU',
    provider: 'webgpu',
    resident: true,
    platforms: ['linux', 'darwin', 'win32'],
  },
  cuda: { ...accelerator, name: 'cuda', label: 'CUDA', provider: 'cuda', platforms: ['linux'] },
  directml: { ...accelerator, name: 'directml', label: 'DirectML', provider: 'dml', platforms: ['win32'] },
  coreml: { ...accelerator, name: 'coreml', label: 'Core ML', provider: 'coreml', platforms: ['darwin'] },
};
