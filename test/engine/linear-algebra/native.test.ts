import { afterEach, describe, expect, it, vi } from 'vitest';
import { nativeAddon, nativeStatus } from '../../../main/engine/linear-algebra/native.ts';
import { singularValueDecomposition } from '../../../main/engine/linear-algebra/svd.ts';
import { truncatedSvd } from '../../../main/engine/linear-algebra/truncated-svd.ts';
import { randomMatrix } from './svd-support.ts';

afterEach(() => vi.unstubAllEnvs());

describe('the native addon', () => {
  it('is either available with its path or tells why not', () => {
    const { available, path, reason } = nativeStatus();
    if (available) expect(path).toMatch(/nora-native\.node$/);
    else expect(reason).toBeTruthy();
    expect(nativeAddon() !== undefined).toBe(available);
  });

  it('is switched off by NORA_NATIVE=0, and the twin serves', () => {
    vi.stubEnv('NORA_NATIVE', '0');
    expect(nativeStatus()).toEqual({ available: false, reason: 'switched off by NORA_NATIVE=0' });
    expect(nativeAddon()).toBeUndefined();
    const matrix = randomMatrix(10, 8, 1);
    expect(singularValueDecomposition(matrix, 3)).toEqual(truncatedSvd(matrix, 3));
  });
});
