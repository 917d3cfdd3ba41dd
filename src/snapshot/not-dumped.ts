/** Why rows were not read that no dump holds: a restore does not bring them back either. Stands in manifests. */
export const unloggedOnStandby = 'it is unlogged, and a standby does not have its rows';
export const rowsOfExtension = 'its rows are those that its extension brings, and no dump holds them';

/** Whether nothing is missing where rows were not read for this reason. */
export function isNotDumped(reason: string | null): boolean {
  return reason === unloggedOnStandby || reason === rowsOfExtension;
}
