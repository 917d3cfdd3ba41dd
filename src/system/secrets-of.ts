/** The values of settings and variables whose names say that they are secrets. Pure. */
export function secretsOf(settings: [name: string, value: string][]): string[] {
  return settings.flatMap(([name, value]) =>
    /pass|secret|key|token|cred|sas/i.test(name) &&
    !/file|path|^RCLONE_CONFIG$/i.test(name) &&
    !/^(true|false)?$/.test(value)
      ? [value]
      : [],
  );
}
