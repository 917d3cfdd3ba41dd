/** `npm run scale` drills fleets that are made up, and prints the table of docs/scale.md. */
import prettyMilliseconds from 'pretty-ms';
import { simulate, type Course, type Policy } from './scale/simulate.ts';

const hourMs = 3_600_000;
const courses: Omit<Course, 'seed'>[] = [
  { databases: 100, shards: 4, nights: 30, windowMs: 8 * hourMs },
  { databases: 1000, shards: 8, nights: 30, windowMs: 8 * hourMs },
  { databases: 1000, shards: 8, nights: 30, windowMs: hourMs },
  { databases: 10_000, shards: 32, nights: 30, windowMs: 8 * hourMs },
  { databases: 10_000, shards: 16, nights: 30, windowMs: 4 * hourMs },
];
const seeds = [1, 2, 3, 4, 5];
const policies: Policy[] = ['planner', 'round-robin'];

console.log(
  '| databases | shards | window | by | a night takes | the best there is | overdue after 30 nights | longest wait |',
);
console.log('| --- | --- | --- | --- | --- | --- | --- | --- |');
for (const course of courses) {
  for (const policy of policies) {
    const results = seeds.map((seed) => simulate({ ...course, seed }, policy));
    const middle = (of: (result: (typeof results)[number]) => number) =>
      results.map(of).toSorted((a, b) => a - b)[2] ?? 0;
    const time = (ms: number) => prettyMilliseconds(Math.round(ms / 60_000) * 60_000, { unitCount: 2 });
    const cells = [
      course.databases,
      course.shards,
      time(course.windowMs),
      policy,
      time(middle(({ makespanMs }) => makespanMs)),
      time(middle(({ bestMs }) => bestMs)),
      middle(({ overdue }) => overdue),
      `${middle(({ longestWait }) => longestWait)} nights`,
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
}
