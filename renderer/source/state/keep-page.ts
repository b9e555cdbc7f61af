import { carriesFiles } from './dropped.ts';

/** A file that is dropped where nothing takes it would have the browser leave the workbench for it. */
export const keepPage = (window: Window): (() => void) => {
  const refuse = (event: DragEvent): void => {
    if (event.defaultPrevented || !carriesFiles(event.dataTransfer)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = 'none';
  };
  window.addEventListener('dragover', refuse);
  window.addEventListener('drop', refuse);
  return () => {
    window.removeEventListener('dragover', refuse);
    window.removeEventListener('drop', refuse);
  };
};
