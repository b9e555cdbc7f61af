/** Hands a file to whatever shows the window: a browser puts it among its downloads, the desktop's asks where it is to be. */
export const saveFile = (fileName: string, content: string | Blob): void => {
  const address = URL.createObjectURL(new Blob([content]));
  const link = document.createElement('a');
  link.href = address;
  link.download = fileName;
  link.click();
  // The download has its own hold on the data once it has started, which it has not at the end of the click.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
};
