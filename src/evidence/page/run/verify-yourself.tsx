import { typedAnywhere } from '../../../terminal/suggest.ts';
import type { Evidence } from '../../schema.ts';
import { hashOf } from '../../ledger/line.ts';
import { renderJson } from '../../sinks/json.ts';
import { Commands, quoteForShell } from './commands.tsx';

/** Commands for this very run, that anybody can type who has the files. */
export function VerifyYourself({ evidence, signedBy }: { evidence: Evidence; signedBy: string | null }) {
  const { subject, previous } = evidence;
  return (
    <>
      <p>
        A page can be changed. <strong>evidence.json</strong> beside it is what was measured; its SHA-256, and that of
        this page, stand in ledger.jsonl. In the directory of this page:
      </p>
      <Commands
        label="Verify the evidence"
        lines={[
          `echo '${hashOf(renderJson(evidence))}  evidence.json' | sha256sum --check`,
          `${typedAnywhere('evidence verify')} ..`,
        ]}
      />
      <p>
        {previous === null ? 'It is the first in its ledger.' : 'It follows the line of the ledger with this SHA-256: '}
        {previous !== null && <code class="hash">{previous}</code>}
      </p>
      {subject !== null && (
        <>
          <h3>The backup</h3>
          <p>
            This is about one file, and no other: <code class="hash">{subject.sha256}</code>
            {subject.format === 'directory' && ' (of its checksum file, which has the hash of every file in it)'}
          </p>
          {subject.format !== 'directory' && (
            <Commands label="Verify the backup" lines={[`sha256sum ${quoteForShell(subject.file)}`]} />
          )}
        </>
      )}
      <h3>The signature</h3>
      <Signature signedBy={signedBy} />
    </>
  );
}

function Signature({ signedBy }: { signedBy: string | null }) {
  if (signedBy === null)
    return (
      <p>
        This run is not signed: that evidence.json was not changed, only the ledger says, and a head of it that was kept
        elsewhere.
      </p>
    );
  return (
    <>
      <p>
        evidence.intoto.json holds the same evidence, signed with Ed25519. Take the public key (evidence.key.pub here)
        from whoever rehearses, not from beside this page. The SHA-256 of its DER is{' '}
        <code class="hash">{signedBy}</code>
      </p>
      <Commands label="Verify the signature" lines={withOpenssl} />
      <p>
        It has to say <q>Signature Verified Successfully</q>, and then <q>evidence.json: OK</q>.
      </p>
    </>
  );
}

/** As docs/evidence.md explains it. */
const withOpenssl = [
  'openssl pkey -pubin -in evidence.key.pub -outform DER | sha256sum',
  'bundle=evidence.intoto.json',
  'jq -r .dsseEnvelope.payload $bundle | base64 -d > payload',
  "jq -r '.dsseEnvelope.signatures[0].sig' $bundle | base64 -d > sig",
  'type=$(jq -r .dsseEnvelope.payloadType $bundle)',
  `{ printf 'DSSEv1 %d %s %d ' \${#type} "$type" $(wc -c < payload); cat payload; } > pae`,
  'openssl pkeyutl -verify -pubin -inkey evidence.key.pub -rawin -in pae -sigfile sig',
  `jq -r '.subject[] | .digest.sha256 + "  " + .name' payload | sha256sum --check`,
];
