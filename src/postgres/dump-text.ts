/** Texts of a dump, which is read as one character a byte, in the encoding that it says it has. */
export class DumpText {
  #encoding: string | null = null;
  #read = readers('UTF8');

  /** As the dump names it; null where it has not said so. */
  get encoding(): string | null {
    return this.#encoding;
  }

  /** Its first settings say it, before anything that is not ASCII. The first counts. */
  use(encoding: string): void {
    if (this.#encoding !== null) return;
    this.#encoding = encoding;
    this.#read = readers(encoding);
  }

  /** From characters of one byte to those of the text. */
  decode(bytes = ''): string {
    return nonAscii.test(bytes) ? this.#read(bytes) : bytes;
  }
}

const nonAscii = /[^\0-\x7f]/;

/** Whether names and definitions of a dump in this encoding can be read. Pure. */
export function isReadable(encoding: string | null): boolean {
  return encoding === null || bytesAreCharacters.has(encoding) || labels.has(encoding);
}

/** By what PostgreSQL calls an encoding. Of one that is not known here, and of bytes without any, UTF-8 is the likeliest. */
function readers(encoding: string): (bytes: string) => string {
  if (bytesAreCharacters.has(encoding)) return (bytes) => bytes;
  if (encoding === 'WIN1252')
    return (bytes) => bytes.replace(/[\x80-\x9f]/g, (byte) => win1252[byte.charCodeAt(0) - 128] ?? byte);
  const decoder = new TextDecoder(labels.get(encoding) ?? 'utf-8', { ignoreBOM: true });
  return (bytes) => decoder.decode(Buffer.from(bytes, 'latin1'));
}

/** WHATWG takes the name for windows-1252. */
const bytesAreCharacters = new Set(['LATIN1']);

/** What it has from 0x80 on that LATIN1 has not: TextDecoder of Node.js 20 takes one for the other. */
const win1252 = Array.from('€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ');

/** Names of the Encoding Standard, by those of pg_encoding_to_char. */
const labels = new Map(
  Object.entries({
    ...{ UTF8: 'utf-8', SQL_ASCII: 'utf-8' },
    ...{ LATIN2: 'iso-8859-2', LATIN3: 'iso-8859-3', LATIN4: 'iso-8859-4', LATIN5: 'iso-8859-9' },
    ...{ LATIN6: 'iso-8859-10', LATIN7: 'iso-8859-13', LATIN8: 'iso-8859-14', LATIN9: 'iso-8859-15' },
    ...{ ISO_8859_5: 'iso-8859-5', ISO_8859_6: 'iso-8859-6', ISO_8859_7: 'iso-8859-7', ISO_8859_8: 'iso-8859-8' },
    ...{ WIN1250: 'windows-1250', WIN1251: 'windows-1251', WIN1252: 'windows-1252', WIN1253: 'windows-1253' },
    ...{ WIN1254: 'windows-1254', WIN1255: 'windows-1255', WIN1256: 'windows-1256', WIN1257: 'windows-1257' },
    ...{ WIN1258: 'windows-1258', WIN866: 'ibm866', WIN874: 'windows-874', KOI8R: 'koi8-r', KOI8U: 'koi8-u' },
    ...{ EUC_JP: 'euc-jp', EUC_JIS_2004: 'euc-jp', EUC_KR: 'euc-kr', EUC_CN: 'gbk', UHC: 'euc-kr' },
    ...{ GBK: 'gbk', GB18030: 'gb18030', BIG5: 'big5', SJIS: 'shift_jis', SHIFT_JIS_2004: 'shift_jis' },
  }),
);
