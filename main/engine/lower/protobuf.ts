/** A message of Google's wire format under construction: its bytes in pieces, so that large tensors are copied only once. */
export interface Message {
  readonly pieces: Uint8Array[];
  length: number;
}

export const message = (): Message => ({ pieces: [], length: 0 });

const append = (to: Message, piece: Uint8Array): void => {
  to.pieces.push(piece);
  to.length += piece.length;
};

const varint = (value: number | bigint): Uint8Array => {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest === 0n ? low : low | 0x80);
  } while (rest !== 0n);
  return Uint8Array.from(bytes);
};

const wireTypes = { varint: 0, fixed64: 1, lengthDelimited: 2, fixed32: 5 } as const;

const tag = (to: Message, field: number, type: keyof typeof wireTypes): void =>
  append(to, varint((field << 3) | wireTypes[type]));

export const writeInteger = (to: Message, field: number, value: number | bigint): void => {
  tag(to, field, 'varint');
  append(to, varint(value));
};

export const writeFloat = (to: Message, field: number, value: number): void => {
  tag(to, field, 'fixed32');
  append(to, new Uint8Array(Float32Array.of(value).buffer));
};

export const writeDouble = (to: Message, field: number, value: number): void => {
  tag(to, field, 'fixed64');
  append(to, new Uint8Array(Float64Array.of(value).buffer));
};

export const writeBytes = (to: Message, field: number, value: Uint8Array): void => {
  tag(to, field, 'lengthDelimited');
  append(to, varint(value.length));
  append(to, value);
};

export const writeString = (to: Message, field: number, value: string): void =>
  writeBytes(to, field, new TextEncoder().encode(value));

export const writeMessage = (to: Message, field: number, value: Message): void => {
  tag(to, field, 'lengthDelimited');
  append(to, varint(value.length));
  for (const piece of value.pieces) to.pieces.push(piece);
  to.length += value.length;
};

export const toBytes = ({ pieces, length }: Message): Uint8Array => {
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const piece of pieces) {
    bytes.set(piece, offset);
    offset += piece.length;
  }
  return bytes;
};
