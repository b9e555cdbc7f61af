/** What is wrong between settings that are each right, and the field to change. */
export interface SettingsConflict {
  readonly field: string;
  readonly message: string;
}
