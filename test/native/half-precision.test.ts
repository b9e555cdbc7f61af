import { expect, it } from 'vitest';
import {
  bfloat16ToFloat32,
  float16ToFloat32,
  float32ToBfloat16,
  float32ToFloat16,
} from '../../main/engine/formats/float-conversion.ts';
import { nativeAddon } from '../../main/engine/linear-algebra/native.ts';
import { createRandom } from '../../main/engine/random.ts';
import { describeWith } from '../support/requirements.ts';

const everyPattern = Uint16Array.from({ length: 65536 }, (_, pattern) => pattern);

/** Floats over all exponents, and every bf16 and fp16 value with both neighbours and the ties between them. No NaN. */
const trickyFloats = (): Float32Array => {
  const random = createRandom(1);
  const bits = Array.from({ length: 100_000 }, () => random.integer(2 ** 32));
  for (let pattern = 0; pattern < 65536; pattern++) {
    for (const low of [0, 1, 0x7fff, 0x8000, 0x8001, 0xffff]) bits.push(pattern * 65536 + low);
    // Bits 12..0 are those that fp16 drops.
    for (const low of [0xfff, 0x1000, 0x1001]) bits.push(((pattern << 13) + low) >>> 0);
  }
  const floats = new Float32Array(Uint32Array.from(bits).buffer);
  return floats.filter((value) => !Number.isNaN(value));
};

/** Bit patterns, with every NaN as one: which payload survives is left to each side. */
const bitsOf = (floats: Float32Array): Uint32Array =>
  new Uint32Array(floats.map((value) => (Number.isNaN(value) ? NaN : value)).buffer);

describeWith('native', 'half precision, native', () => {
  const addon = nativeAddon()!;

  it('widens every bf16 and fp16 pattern as the twin does', () => {
    const target = new Float32Array(65536);
    addon.convertBf16ToF32(everyPattern, target);
    expect(bitsOf(target)).toEqual(bitsOf(bfloat16ToFloat32(everyPattern)));
    addon.convertFp16ToF32(everyPattern, target);
    expect(bitsOf(target)).toEqual(bitsOf(float16ToFloat32(everyPattern)));
  });

  it('narrows as the twin does, ties included', () => {
    const floats = trickyFloats();
    const target = new Uint16Array(floats.length);
    addon.convertF32ToBf16(floats, target);
    expect(target).toEqual(float32ToBfloat16(floats));
    addon.convertF32ToFp16(floats, target);
    expect(target).toEqual(float32ToFloat16(floats));
  });

  it('keeps NaN a NaN, whatever its payload', () => {
    const floats = new Float32Array(Uint32Array.of(0x7f800001, 0xffc00000, 0x7fffffff).buffer);
    const [halves, back] = [new Uint16Array(3), new Float32Array(3)];
    addon.convertF32ToBf16(floats, halves);
    addon.convertBf16ToF32(halves, back);
    expect([...back]).toEqual([NaN, NaN, NaN]);
    addon.convertF32ToFp16(floats, halves);
    addon.convertFp16ToF32(halves, back);
    expect([...back]).toEqual([NaN, NaN, NaN]);
  });

  it('refuses lengths that differ', () => {
    const source = new Uint16Array(2);
    expect(() => addon.convertBf16ToF32(source, new Float32Array(3))).toThrow(
      'source has 2 elements and target 3',
    );
  });
});
