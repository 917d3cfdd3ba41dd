import { expect, test } from 'vitest';
import { placeInFile, withPlace } from './locate-error.ts';

function errorAt(frame: string, message = 'no') {
  return Object.assign(new Error(message), { stack: `Error: ${message}\n    at ${frame}\n    at node:internal/x:1:2` });
}

const path = '/srv/a (b)+/rehearsal.config.mts';

test('the line of the file that threw is found, whatever its path holds', () => {
  expect(placeInFile(errorAt(`file://${path}:5:7`), path, '')).toEqual({ line: 5, column: 7 });
  expect(placeInFile(errorAt(`fail (${path}?namespace=a1-b2:5:7)`), path, '')).toEqual({ line: 5, column: 7 });
});

test('what is in one line because of tsx has no place, and neither has what another file did', () => {
  expect(placeInFile(errorAt(`${path}:1:54`), path, '')).toBeNull();
  expect(placeInFile(errorAt('/srv/other.ts:5:7'), path, '')).toBeNull();
});

test('a message that looks like a line of the stack is none', () => {
  expect(placeInFile(errorAt('/srv/other.ts:5:7', `in ${path}:9:9`), path, '')).toBeNull();
});

test('a module that is not there stands where it is asked for, without who has asked', () => {
  const error = new Error("Cannot find module './a.ts'\nRequire stack:\n- /srv/x");
  const place = placeInFile(error, path, `// a\nimport { a } from "./a.ts";\n`);
  expect(withPlace(error, place)).toBe("line 2, column 19: Cannot find module './a.ts'");
});
