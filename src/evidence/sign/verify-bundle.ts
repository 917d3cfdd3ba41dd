import { createHash, type KeyObject } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import {
  BUNDLE_V03_MEDIA_TYPE,
  bundleFromJSON,
  bundleToJSON,
  isBundleWithDsseEnvelope,
  type Bundle,
} from '@sigstore/bundle';
import { toSignedEntity, VerificationError, Verifier } from '@sigstore/verify';
import { parseEvidence } from '../parse.ts';
import { fingerprintOf } from './fingerprint.ts';
import {
  isPredicateType,
  payloadType,
  statementOf,
  statementType,
  type PredicateType,
  type Subject,
} from './statement.ts';

/** What is wrong with a bundle; the first thing in this order. */
export type BundleProblem =
  | 'BUNDLE_NOT_READABLE'
  | 'BUNDLE_VERSION_UNKNOWN'
  | 'BUNDLE_NOT_COVERED'
  | 'KEY_NOT_TRUSTED'
  | 'SIGNATURE_WRONG'
  | 'STATEMENT_UNKNOWN'
  | 'EVIDENCE_DIFFERENT'
  | 'SUBJECT_DIFFERENT';

export type BundleVerdict =
  | { ok: true; predicateType: PredicateType; fingerprint: string }
  | { ok: false; problem: BundleProblem; message: string };

/**
 * Says whether a bundle is a signature of this evidence, by one of these keys. Pure.
 * @param text of the bundle
 * @param evidence the bytes of evidence.json
 * @param publicKeys all that are trusted; the bundle's own word for its key is none
 */
export function verifyBundle(text: string, evidence: Buffer, publicKeys: readonly KeyObject[]): BundleVerdict {
  try {
    const bundle = readBundle(text);
    const fingerprint = verifySignature(bundle, publicKeys);
    return { ok: true, fingerprint, predicateType: verifyStatement(bundle.content.dsseEnvelope.payload, evidence) };
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    return { ok: false, problem: error.problem, message: error.message };
  }
}

class Wrong extends Error {
  readonly problem: BundleProblem;

  constructor(problem: BundleProblem, message: string) {
    super(message);
    this.problem = problem;
  }
}

type SignedBundle = Bundle & { content: { $case: 'dsseEnvelope' } };

function readBundle(text: string): SignedBundle {
  const given = attempt(() => JSON.parse(text) as unknown, 'The bundle is no JSON');
  const { mediaType } = Object(given) as { mediaType?: unknown };
  if (mediaType !== BUNDLE_V03_MEDIA_TYPE) {
    const message = `The bundle is of the type ${quote(mediaType)}; known is ${BUNDLE_V03_MEDIA_TYPE}.`;
    throw new Wrong('BUNDLE_VERSION_UNKNOWN', message);
  }
  const bundle = attempt(() => bundleFromJSON(given), 'The bundle is no Sigstore bundle');
  if (!isBundleWithDsseEnvelope(bundle) || bundle.content.dsseEnvelope.payloadType !== payloadType) {
    throw new Wrong('BUNDLE_NOT_READABLE', `The bundle holds no statement of in-toto (${payloadType}).`);
  }
  // What the parser passes over might mean something to another one.
  if (!isDeepStrictEqual(bundleToJSON(bundle), given) || bundle.content.dsseEnvelope.signatures[0]?.keyid !== '') {
    throw new Wrong('BUNDLE_NOT_COVERED', 'The bundle holds something that was not written with its signature.');
  }
  return bundle;
}

function attempt<T>(body: () => T, problem: string): T {
  try {
    return body();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Wrong('BUNDLE_NOT_READABLE', `${problem}: ${reason}.`);
  }
}

function verifySignature(bundle: SignedBundle, publicKeys: readonly KeyObject[]): string {
  const trusted = new Map(publicKeys.map((key) => [fingerprintOf(key), key]));
  const { content } = bundle.verificationMaterial;
  const hint = content.$case === 'publicKey' ? content.publicKey.hint : '';
  const publicKey = trusted.get(hint);
  if (publicKey === undefined) {
    const known = trusted.size === 0 ? 'no key is trusted' : `trusted: ${[...trusted.keys()].join(', ')}`;
    throw new Wrong('KEY_NOT_TRUSTED', `It was signed with the key ${quote(hint)}; ${known}.`);
  }
  const none = { certificateAuthorities: [], timestampAuthorities: [], tlogs: [], ctlogs: [] };
  const verifier = new Verifier(
    { ...none, publicKey: () => ({ publicKey, validFor: () => true }) },
    { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 },
  );
  try {
    verifier.verify(toSignedEntity(withoutStamps(bundle)));
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error;
    const message = `The signature does not fit: the statement was changed, or another key than ${hint} has signed it.`;
    throw new Wrong('SIGNATURE_WRONG', message);
  }
  return hint;
}

/** Of time stamps it knows those of ECDSA alone; verify-stamp.ts judges them. */
function withoutStamps(bundle: SignedBundle): SignedBundle {
  const { verificationMaterial } = bundle;
  return { ...bundle, verificationMaterial: { ...verificationMaterial, timestampVerificationData: undefined } };
}

interface Statement {
  _type?: unknown;
  predicateType?: unknown;
  subject?: unknown;
}

function verifyStatement(payload: Buffer, evidence: Buffer): PredicateType {
  const statement = Object(
    attempt(() => JSON.parse(payload.toString()) as unknown, 'The statement is no JSON'),
  ) as Statement;
  const { _type: type, predicateType } = statement;
  if (type !== statementType) {
    throw new Wrong('STATEMENT_UNKNOWN', `The statement is of the type ${quote(type)}; known is ${statementType}.`);
  }
  if (!isPredicateType(predicateType)) {
    throw new Wrong('STATEMENT_UNKNOWN', `Nothing is known here of what it states: ${quote(predicateType)}.`);
  }
  assertSameEvidence(statement, evidence);
  const expected = statementOf(predicateType, evidence);
  const { subject } = JSON.parse(expected) as Statement;
  if (!isDeepStrictEqual(statement.subject, subject)) {
    const message = `The statement is about ${quote(namesOf(statement.subject))}, the evidence about ${quote(namesOf(subject))}.`;
    throw new Wrong('SUBJECT_DIFFERENT', message);
  }
  if (payload.toString() !== expected) {
    throw new Wrong('EVIDENCE_DIFFERENT', 'The statement does not say what evidence.json says.');
  }
  return predicateType;
}

/** By its hash, before anything in it is believed. */
function assertSameEvidence({ subject }: Statement, evidence: Buffer): void {
  const actual = createHash('sha256').update(evidence).digest('hex');
  const signed = asSubjects(subject).find(({ name }) => name === 'evidence.json')?.digest?.sha256;
  if (signed !== actual) {
    const message = `evidence.json is not what was signed: its SHA-256 is ${actual}, signed was ${quote(signed)}.`;
    throw new Wrong('EVIDENCE_DIFFERENT', message);
  }
  if (parseEvidence(evidence) === null)
    throw new Wrong('STATEMENT_UNKNOWN', 'What was signed is no evidence that is known here.');
}

function asSubjects(subject: unknown): Partial<Subject>[] {
  return Array.isArray(subject) ? subject.map((each) => Object(each) as Partial<Subject>) : [];
}

/** `shop.dump (0123…)`. */
function namesOf(subject: unknown): string {
  return asSubjects(subject)
    .map(({ name, digest }) => `${name ?? '?'} (${digest?.sha256 ?? 'no SHA-256'})`)
    .join(', ');
}

function quote(value: unknown): string {
  return typeof value === 'string' ? `"${value.slice(0, 300)}"` : 'unnamed';
}
