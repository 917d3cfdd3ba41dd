import { createHash } from 'node:crypto';
import type { Certificate, SignedData, TSTInfo } from 'pkijs';

/** What an authority has answered (RFC 3161, TimeStampResp), taken apart. */
export interface Stamp {
  signedData: SignedData;
  /** What it says: of which hash, and when. */
  info: TSTInfo;
  certificate: Certificate;
}

/** Why an answer is no time stamp. */
export class NoStamp extends Error {}

/** pkijs takes a tenth of a second to load; only who has a stamp does. */
const load = () => import('pkijs');

const timeStampInfo = '1.2.840.113549.1.9.16.1.4';
const signedDataType = '1.2.840.113549.1.7.2';

/** @throws NoStamp */
export async function parseStamp(der: Buffer): Promise<Stamp> {
  const { Certificate, IssuerAndSerialNumber, SignedData, TimeStampResp, TSTInfo } = await load();
  const response = read('no answer of an authority for time stamps', () => TimeStampResp.fromBER(new Uint8Array(der)));
  const { statusStrings, failInfo } = response.status;
  const status: number = response.status.status;
  if (status > 1 || response.timeStampToken === undefined) {
    const said = statusStrings?.map(({ valueBlock }) => valueBlock.value).join(' ') ?? '';
    const bits =
      failInfo === undefined ? '' : `, failure ${Buffer.from(failInfo.valueBlock.valueHexView).toString('hex')}`;
    throw new NoStamp(`a refusal (status ${status}${bits})${said === '' ? '' : `: ${said.slice(0, 300)}`}`);
  }
  const token = response.timeStampToken;
  if (token.contentType !== signedDataType) throw new NoStamp('no signed data');
  const signedData = read('no signed data', () => new SignedData({ schema: token.content }));
  const { eContentType, eContent } = signedData.encapContentInfo;
  if (eContentType !== timeStampInfo || eContent === undefined) throw new NoStamp('no statement of a time');
  const info = read('no statement of a time', () => TSTInfo.fromBER(eContent.getValue()));
  const [signer] = signedData.signerInfos;
  if (signer === undefined || signedData.signerInfos.length > 1) throw new NoStamp('not signed by one authority');
  const certificates = (signedData.certificates ?? []).filter((each) => each instanceof Certificate);
  const sid: unknown = signer.sid;
  const certificate = certificates.find(
    ({ issuer, serialNumber }) =>
      sid instanceof IssuerAndSerialNumber && issuer.isEqual(sid.issuer) && serialNumber.isEqual(sid.serialNumber),
  );
  if (certificate === undefined) throw new NoStamp('without the certificate of who signed it');
  return { signedData, info, certificate };
}

function read<T>(what: string, body: () => T): T {
  try {
    return body();
  } catch (error) {
    throw new NoStamp(what, { cause: error });
  }
}

/** Hashes that may be in a stamp, by object identifier. */
const hashes: Readonly<Record<string, string>> = {
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};

/** Whether a stamp is of these bytes. */
export function isOf({ messageImprint }: TSTInfo, bytes: Buffer): boolean {
  const algorithm = hashes[messageImprint.hashAlgorithm.algorithmId];
  if (algorithm === undefined) return false;
  const expected = createHash(algorithm).update(bytes).digest();
  return expected.equals(Buffer.from(messageImprint.hashedMessage.valueBlock.valueHexView));
}
