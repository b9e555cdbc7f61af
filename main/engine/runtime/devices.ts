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
  /** For people: how to come by it. */
  readonly hint: string;
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
    hint: 'install the packages again: npm ci',
    configuration: { disable_prepacking: '1' },
  },
  webgpu: {
    ...accelerator,
    name: 'webgpu',
    label: 'WebGPU',
    provider: 'webgpu',
    resident: true,
    platforms: ['linux', 'darwin', 'win32'],
    hint: 'a graphics driver with Vulkan, Direct3D 12 or Metal; on Linux also the loader (Debian and Ubuntu: libvulkan1)',
  },
  cuda: {
    ...accelerator,
    name: 'cuda',
    label: 'CUDA',
    provider: 'cuda',
    platforms: ['linux'],
    hint: "an NVIDIA driver, the CUDA 12 runtime with cuDNN 9, and ONNX Runtime's files for it: ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild onnxruntime-node",
  },
  directml: {
    ...accelerator,
    name: 'directml',
    label: 'DirectML',
    provider: 'dml',
    platforms: ['win32'],
    hint: 'Windows 10 1903 or newer with a Direct3D 12 driver',
  },
  coreml: {
    ...accelerator,
    name: 'coreml',
    label: 'Core ML',
    provider: 'coreml',
    platforms: ['darwin'],
    hint: 'a Mac with Apple silicon',
  },
};
