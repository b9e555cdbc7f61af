/** Who started this process, as long as it lives: then the system puts another in its place. Windows does not. */
const parent = process.ppid;

/**
 * Whether the workbench that started this process is gone. True at once, however long the event loop has not turned; on Windows as soon as
 * it does.
 */
export const isOrphan = (): boolean => process.ppid !== parent || process.connected === false;
