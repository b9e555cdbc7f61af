import './no-telemetry.ts';
import { existsSync } from 'node:fs';
import 'onnxruntime-node';
import { fusedOperators } from '../lower/fused/index.ts';
import { nativeAddon, nativeStatus, type NativeAddon } from '../linear-algebra/native.ts';
import { libraryPath } from './library-path.ts';

/** The addon with the library of ONNX Runtime that it has opened. */
export interface NativeRuntime {
  readonly addon: NativeAddon;
  /** Path of the library. */
  readonly library: string;
}

/** For `nora doctor`: what the addon has opened, or why it has not. */
export type NativeRuntimeStatus =
  | { readonly available: true; readonly version: string; readonly operators: readonly string[] }
  | { readonly available: false; readonly reason: string };

type Opened = { readonly runtime?: NativeRuntime; readonly status: NativeRuntimeStatus };

let opened: Opened | undefined;

/** ONNX Runtime as the addon opens it; undefined without the addon, and where it cannot be opened. Never throws. */
export const nativeRuntime = (): NativeRuntime | undefined => find().runtime;

export const nativeRuntimeStatus = (): NativeRuntimeStatus => find().status;

const absent = (reason: string): Opened => ({ status: { available: false, reason } });

const find = (): Opened => {
  const addon = nativeAddon();
  if (!addon) return absent(`the addon is not loaded: ${nativeStatus().reason}`);
  return (opened ??= open(addon));
};

const open = (addon: NativeAddon): Opened => {
  try {
    const library = libraryPath();
    if (!existsSync(library)) return absent(`${library} is not there; install the packages again: npm ci`);
    const version = addon.openRuntime(library);
    const operators = addon.operatorNames();
    const missing = fusedOperators.filter((name) => !operators.includes(name));
    if (missing.length > 0)
      return absent(
        `the addon is of another version (it has no operator ${missing.join(', ')}); npm run build:native makes it anew`,
      );
    return {
      runtime: { addon, library },
      status: { available: true, version, operators },
    };
  } catch (error) {
    const [reason = ''] = String(error instanceof Error ? error.message : error).split('\n');
    return absent(`ONNX Runtime's library cannot be opened: ${reason}`);
  }
};
