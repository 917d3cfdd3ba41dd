import { recogniseFormat } from '../format/formats.ts';
import { recogniseLayer } from './layers.ts';

/** Whether a file with this start is given to its program by path, whatever reads it first. Pure. */
export function isReadByPath(head: Buffer): boolean {
  const reader = recogniseLayer(head) ?? recogniseFormat({ head, isDirectory: false });
  return reader?.readByPath === true;
}
