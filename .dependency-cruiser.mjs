/**
 * The rooms of the code from the top down. A room imports only from those below its line, types included; rooms of one line
 * do not know each other. Tests may import from anywhere.
 */
const layers = [
  ['scripts'],
  ['src/commands'],
  ['rehearsals', 'fixtures'],
  ['src/suite', 'src/fleet'],
  ['src/rehearsal'],
  ['src/recovery', 'src/init'],
  ['src/restore'],
  ['src/backup', 'src/target'],
  ['src/source', 'src/app', 'src/doctor'],
  ['src/engine', 'src/snapshot'],
  ['src/postgres', 'src/evidence'],
  ['src/config'],
  ['src/terminal'],
  ['src/system'],
];

const inside = (rooms) => `^(${rooms.join('|')})/`;
const tests = '[.]test[.]ts$';

export default {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'every room of src has its layer',
      severity: 'error',
      from: {},
      to: { path: '^src/', pathNot: inside(layers.flat()) },
    },
    ...layers.flatMap((layer, depth) =>
      layer.map((room) => ({
        name: `${room} imports from below`,
        severity: 'error',
        from: { path: inside([room]), pathNot: tests },
        to: { path: inside(layers.slice(0, depth + 1).flat()), pathNot: inside([room]) },
      })),
    ),
  ],
  // Before compilation there are imports of types, too.
  options: { tsPreCompilationDeps: true, doNotFollow: { path: 'node_modules' } },
};
