/** Enter, where a person sits at the terminal. Nothing waits for it. */
export const onEnter = (listener: () => void): void => {
  const { stdin } = process;
  if (!stdin.isTTY) return;
  stdin.on('data', listener);
  stdin.on('error', () => undefined); // a terminal that is closed; its signal ends what is to end
  stdin.unref();
};
