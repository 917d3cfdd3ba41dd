/**
 * To be loaded where it is used: `await import('../system/yaml.ts')`. The package itself is CommonJS, of which a bundle gives those who load
 * it late nothing but a default.
 */
export { parse, stringify } from 'yaml';
