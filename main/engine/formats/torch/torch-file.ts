import { pickle, type TorchTensor, type TorchValue } from './pickle.ts';
import { zipOf } from './zip.ts';

export interface TorchFile {
  readonly bytes: Buffer;
  /** Of each tensor, in the order in which the value has them: where its numbers stand in the file. */
  readonly places: ReadonlyMap<TorchTensor, { readonly offset: number; readonly bytes: number }>;
}

const bytesOf = ({ data }: TorchTensor): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

/**
 * What torch.save makes of a value: a zip with the pickle, and the numbers of each tensor, little-endian. Everything is on the CPU.
 * @param name of the folder within the zip, as PyTorch takes it from the file's name
 */
export const torchFile = (name: string, value: TorchValue): TorchFile => {
  const { bytes: pickled, tensors } = pickle(value);
  const first = [
    { name: `${name}/data.pkl`, data: pickled },
    { name: `${name}/byteorder`, data: Buffer.from('little') },
  ];
  const storages = tensors.map((tensor, key) => ({ name: `${name}/data/${key}`, data: bytesOf(tensor) }));
  const { bytes, offsets } = zipOf([
    ...first,
    ...storages,
    { name: `${name}/version`, data: Buffer.from('3\n') },
  ]);
  const places = tensors.map(
    (tensor, key) =>
      [tensor, { offset: offsets[first.length + key]!, bytes: tensor.data.byteLength }] as const,
  );
  return { bytes, places: new Map(places) };
};
