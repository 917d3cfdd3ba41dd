import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Evidence } from '../schema.ts';
import { testResultOf } from './test-result.ts';

/** in-toto's type of what the envelope holds. */
export const payloadType = 'application/vnd.in-toto+json';
export const statementType = 'https://in-toto.io/Statement/v1';

/** A file that a statement is about. */
export interface Subject {
  name: string;
  digest: { sha256: string };
}

/**
 * The whole evidence, as docs/evidence.schema.json has it. in-toto asks for a URI that nobody else uses, and that need not lead
 * anywhere (spec/v1/field_types.md, TypeURI): a UUID belongs to us without a domain that could become somebody else's.
 */
export const evidenceType = 'urn:uuid:56d46285-7db0-4627-a52b-d3a0df5db1b9#restore-rehearsal/evidence/v1';

/** What can be said of a backup, by the type of the predicate. */
const predicates = {
  [evidenceType]: (evidence: Evidence): object => evidence,
  'https://in-toto.io/attestation/test-result/v0.1': (evidence: Evidence, own: Subject): object =>
    testResultOf(evidence, own),
} as const;

export type PredicateType = keyof typeof predicates;

/** The files that statements are written to, beside evidence.json, and what each says. A bundle holds one statement. */
export const statementFiles: Readonly<Record<string, PredicateType>> = {
  'evidence.intoto.json': evidenceType,
  'test-result.intoto.json': 'https://in-toto.io/attestation/test-result/v0.1',
};

export function isPredicateType(type: unknown): type is PredicateType {
  return typeof type === 'string' && Object.hasOwn(predicates, type);
}

/**
 * What the statement is about: the backup where there is one, and evidence.json itself, so that either file can be handed to a
 * verifier. Pure.
 */
export function subjectsOf({ subject }: Pick<Evidence, 'subject'>, bytes: Buffer): [...Subject[], Subject] {
  const own = { name: 'evidence.json', digest: { sha256: createHash('sha256').update(bytes).digest('hex') } };
  if (subject === null) return [own];
  return [{ name: subject.file, digest: { sha256: subject.sha256 } }, own];
}

/**
 * An in-toto Statement v1 about evidence, as canonical JSON (RFC 8785): whoever has evidence.json can write the same bytes. Pure.
 * @param bytes of evidence.json
 */
export function statementOf(predicateType: PredicateType, bytes: Buffer): string {
  const evidence = JSON.parse(bytes.toString()) as Evidence;
  const subject = subjectsOf(evidence, bytes);
  const own = subject[subject.length - 1] as Subject;
  const predicate = predicates[predicateType](evidence, own);
  return canonicalize({ _type: statementType, subject, predicateType, predicate }) ?? '';
}
