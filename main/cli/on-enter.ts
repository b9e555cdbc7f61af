/** Enter, where a person sits at the terminal. Nothing waits for it. */
export const onEnter = (listener: () => void): void => {
  const { stdin } = process;
  if (!stdin.isTTY) return;
  stdin.on('data', listener);
  stdin.unref();
};
