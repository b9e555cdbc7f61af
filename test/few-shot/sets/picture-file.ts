/** A picture as a file, of any format that is read. */
export interface PictureFile {
  readonly name: string;
  readonly bytes: () => Promise<Uint8Array> | Uint8Array;
}
