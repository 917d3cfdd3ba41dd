/** Answers with status 200 that say no. Context: these services answer so; what they took says `ok`, `OK` or nothing. */
const refusals = [
  // Slack, of a webhook that was removed or whose channel is gone.
  /^(?:no_service|no_team|no_active_hooks|team_disabled|channel_not_found|channel_is_archived|invalid_token|invalid_payload)\b/,
  // Healthchecks.io, of an address that belongs to no check, or is pinged too often.
  /^OK \((?:not found|rate limited)\)/,
  // Microsoft Teams.
  /^Webhook message delivery failed/,
  // Uptime Kuma and others.
  /^\{\s*"ok"\s*:\s*false\b/,
];

/** Whether the body of an answer takes back what its status says. Pure. */
export function refusalIn(body: string): boolean {
  return refusals.some((refusal) => refusal.test(body));
}
