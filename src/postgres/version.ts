/** The major version in a version as PostgreSQL writes it: 15 for `15.18`, 18 for `18beta1`. Pure. */
export function majorVersion(version: string): number {
  return Number.parseInt(version, 10);
}

/** Debian appends its package version: "15.18 (Debian 15.18-0+deb12u1)". Pure. */
export function bareVersion(version: string): string {
  return version.split(' ', 1)[0] ?? version;
}
