#!/usr/bin/env python3
"""A second verifier of evidence, written from reports/FORMAT.md, to be read in a sitting. It shares no code with the first one.

    python3 verify-evidence.py DIRECTORY [--key FILE]... [--tsa-certificate FILE]... [--expect-head HASH]
                               [--require-signatures] [--require-timestamps] [--accept-unsigned N]...

Needs Python 3.8 and, for signatures and time stamps, the program openssl (3.0). It only reads. The schema of evidence is checked
where evidence.schema.json lies beside this file. Exit status: 0 all is as it was written, 1 something was changed, 2 it cannot say.
"""
import argparse, base64, datetime, hashlib, json, os, re, subprocess, sys, tempfile

EVIDENCE_TYPE = 'urn:uuid:56d46285-7db0-4627-a52b-d3a0df5db1b9#restore-rehearsal/evidence/v1'
RESULT_TYPE = 'https://in-toto.io/attestation/test-result/v0.1'
BUNDLES = {'evidence.intoto.json': EVIDENCE_TYPE, 'test-result.intoto.json': RESULT_TYPE}
STATEMENT_TYPE = 'https://in-toto.io/Statement/v1'
PAYLOAD_TYPE = 'application/vnd.in-toto+json'
BUNDLE_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json'
NOTE_TYPE = 'application/vnd.restore-rehearsal.note+json'
ED25519 = bytes.fromhex('302a300506032b6570032100')  # how the DER of such a public key starts
TOLERANCE = datetime.timedelta(hours=1)  # between the end of a rehearsal and its time stamp


class Wrong(Exception):
    """The first thing that is wrong."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


def main():
    options = arguments()
    try:
        keys = dict(read_key(file) for file in options.key)
        print(f'OK  {verify(options.directory, keys, options)}')
    except Wrong as wrong:
        # Names come from databases: none may bring escape sequences.
        print(f'{wrong.code}  {"".join(c if c.isprintable() else chr(0xFFFD) for c in str(wrong))}')
        return 2 if wrong.code == 'LEDGER_MISSING' else 1
    return 0


def arguments():
    parser = argparse.ArgumentParser(description='Verifies a directory of evidence.')
    parser.add_argument('directory')
    parser.add_argument('--key', action='append', default=[], help='a public key (PEM) that is trusted')
    parser.add_argument('--tsa-certificate', action='append', default=[], help='certificates (PEM) of authorities')
    parser.add_argument('--expect-head', help='the hash of a line that was kept elsewhere')
    parser.add_argument('--require-signatures', action='store_true')
    parser.add_argument('--require-timestamps', action='store_true')
    parser.add_argument('--accept-unsigned', action='append', type=int, default=[], metavar='N')
    parser.add_argument('--from', dest='start', help='of a package: its evidence is of runs that started on this day (UTC) or later')
    parser.add_argument('--to', dest='end', help='and on this day or earlier, or before a time')
    options = parser.parse_args()
    try:
        options.start, options.end = moment(options.start, 0), moment(options.end, 1)
    except ValueError:
        parser.error('--from and --to take a day like 2026-01-31, or a time like 2026-01-31T12:00:00Z')
    if (options.start is None) != (options.end is None):
        parser.error('--from and --to take each other beside them')
    if options.require_signatures and not options.key:
        parser.error('--require-signatures takes --key FILE beside it')
    if options.require_timestamps and not options.tsa_certificate:
        parser.error('--require-timestamps takes --tsa-certificate FILE beside it')
    return options


def moment(value, days_after):
    """As it stands in the names of directories; the last day is in the period."""
    if value is None:
        return None
    if re.fullmatch(r'\d{4}-\d\d-\d\d', value):
        day = datetime.datetime.strptime(value, '%Y-%m-%d') + datetime.timedelta(days=days_after)
        return day.strftime('%Y%m%dT%H%M%SZ')
    time = datetime.datetime.strptime(re.sub(r'\.\d+Z$', 'Z', value), '%Y-%m-%dT%H:%M:%SZ')
    return time.strftime('%Y%m%dT%H%M%SZ')


def is_outside(line, options):
    return options.start is not None and not options.start <= line['directory'][:16] < options.end


def need(condition):
    """Not an assertion: those can be switched off."""
    if not condition:
        raise ValueError


def read_key(file):
    """The fingerprint of a public key, and its file."""
    try:
        with open(file, encoding='ascii') as handle:
            body = re.fullmatch(r'\s*-----BEGIN PUBLIC KEY-----(.*)-----END PUBLIC KEY-----\s*', handle.read(), re.S)
        der = base64.b64decode(body.group(1))
        need(der.startswith(ED25519))
    except (OSError, ValueError, AttributeError):
        sys.stderr.write(f'{file} cannot be read, or is no public Ed25519 key in PEM.\n')
        sys.exit(2)
    return hashlib.sha256(der).hexdigest(), file


def verify(directory, keys, options):
    lines, hashes = read_ledger(directory)
    if options.expect_head is not None and options.expect_head not in hashes:
        raise Wrong('HEAD_DIFFERS', f'No line has the hash {options.expect_head}.')
    signed = stamped = 0
    runs = [line for line in lines if line['kind'] != 'note']
    for line in lines:
        if line['kind'] == 'note':
            verify_note(line, keys)
            continue
        if is_outside(line, options):
            continue
        evidence, files = read_run(directory, line)
        is_signed = verify_bundles(line, evidence, files, keys)
        required = options.require_signatures or (keys and signed > 0)
        if required and not is_signed and line['number'] not in options.accept_unsigned:
            raise Wrong('SIGNATURE_MISSING', f'{line["directory"]} is not signed.')
        signed += is_signed
        stamped += is_signed and verify_stamps(line, evidence, files, options)
    if keys and signed == 0 and any(line['number'] not in options.accept_unsigned for line in runs):
        raise Wrong('SIGNATURE_MISSING', 'No run is signed, and a key was given.')
    known = {line['directory'] for line in runs}
    for name in sorted(os.listdir(directory)):
        if re.match(r'\d{8}T\d{6}Z-', name) and name not in known and os.path.isdir(os.path.join(directory, name)):
            raise Wrong('EVIDENCE_ADDED', f'{name} is in no line.')
    how = 'by trusted keys' if keys else 'not checked: no key was given'
    stamps = 'by trusted authorities' if options.tsa_certificate else 'not checked: no certificate was given'
    return f'{len(runs)} runs, {signed} signed ({how}), {stamped} time-stamped ({stamps})\nhead {hashes[-1]}'


# The ledger: a chain of lines, each with the SHA-256 of the one before.

SHA256 = r'[0-9a-f]{64}'
UUID = r'[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}'
TIME = r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z'


def text(pattern=r'.*'):
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value, re.S) is not None


def number(value):
    return type(value) is int and value > 0


def or_null(rule):
    return lambda value: value is None or rule(value)


def is_files(value):
    return isinstance(value, dict) and all(text(r'(?!\.{1,2}$)[^/\\]+')(k) and text(SHA256)(v) for k, v in value.items())


def is_bool(value):
    return isinstance(value, bool)


def is_signature(value):
    return isinstance(value, dict) and set(value) == {'key', 'sig'} and text(SHA256)(value['key']) and text()(value['sig'])


PLACE = {'ledgerVersion': lambda v: type(v) is int and v == 1, 'number': number, 'previous': or_null(text(SHA256)),
         'writtenAt': text(TIME), 'id': text(UUID)}
RUN = {**PLACE, 'kind': text('run|adopted|merged'), 'rehearsal': text(), 'database': or_null(text()),
       'verdict': text('verified|not-verified|could-not-run'), 'directory': text(r'\d{8}T\d{6}Z-[^/\\]+'), 'files': is_files}
NOTE = {**PLACE, 'kind': text('note'), 'about': text(UUID), 'evidence': text(SHA256), 'by': text('.+'), 'action': or_null(text()),
        'text': or_null(text()), 'retest': or_null(text(UUID)), 'signOff': is_bool, 'retires': is_bool,
        'signature': or_null(is_signature)}


def is_part(value):
    return (isinstance(value, dict) and set(value) == {'shard', 'number', 'previous'} and text()(value['shard'])
            and number(value['number']) and or_null(text(SHA256))(value['previous']))


OPTIONAL = {'cutBytes': number, 'notStamped': text(), 'part': is_part}


def read_ledger(directory):
    try:
        with open(os.path.join(directory, 'ledger.jsonl'), 'rb') as handle:
            content = handle.read()
    except FileNotFoundError:
        content = b''
    if content == b'':
        raise Wrong('LEDGER_MISSING', f'There is no ledger.jsonl in {directory}, or nothing in it.')
    *whole, rest = content.split(b'\n')
    lines, hashes = [], []
    for place, raw in enumerate(whole, 1):
        lines.append(read_line(place, raw, lines, hashes))
        hashes.append(hashlib.sha256(raw).hexdigest())
    if rest != b'':
        raise Wrong('LINE_CUT', f'Line {len(whole) + 1} was cut off after {len(rest)} bytes.')
    return lines, hashes


def read_line(place, raw, before, hashes):
    try:
        line = json.loads(raw)
        rules = NOTE if line['kind'] == 'note' else RUN
        fields = {**rules, **{key: rule for key, rule in OPTIONAL.items() if key in line}}
        need(set(line) == set(fields) and all(rule(line[key]) for key, rule in fields.items()))
    except (ValueError, KeyError, TypeError):
        raise Wrong('LINE_UNREADABLE', f'Line {place} is no line that is written here.')
    expected = len(before) + 1
    if line['number'] > expected:
        raise Wrong('LINE_MISSING', f'Line {place} has the number {line["number"]}, where {expected} was to come.')
    if line['number'] < expected:
        raise Wrong('LINE_MOVED', f'Line {place} has the number {line["number"]}, where {expected} was to come.')
    if not hashes and line['previous'] is not None:
        raise Wrong('LINE_MISSING', 'The start of the ledger was removed.')
    if hashes and line['previous'] != hashes[-1]:
        raise Wrong('LINE_CHANGED', f'Line {place - 1} was changed: its hash is not the one that the line after it has.')
    if line['kind'] == 'note':
        assert_note(place, line, before)
    return line


def assert_note(place, note, before):
    """A note is about runs that were there when it was written."""
    runs = {line['id']: line for line in before if line['kind'] != 'note'}
    about = runs.get(note['about'])
    if about is None or about['files'].get('evidence.json') != note['evidence']:
        raise Wrong('NOTE_WRONG', f'Line {place} is a note on a run, or on evidence, that no line before it has.')
    if note['retest'] not in {None, *runs} or note['id'] in {line['id'] for line in before}:
        raise Wrong('NOTE_WRONG', f'Line {place} is a note with a re-test, or an id, that cannot be.')


def verify_note(note, keys):
    if note['signature'] is None or not keys:
        return
    payload = {key: note[key] for key in NOTE if key not in ('ledgerVersion', 'number', 'previous', 'signature')}
    canonical = json.dumps(payload, ensure_ascii=False, sort_keys=True, separators=(',', ':')).encode()
    verify_signature(f'line {note["number"]}', note['signature']['key'], NOTE_TYPE, canonical, base64.b64decode(note['signature']['sig']), keys)


# A run: a directory whose files have the hashes of its line, and whose evidence says what the line says.


def read_run(directory, line):
    place = os.path.join(directory, line['directory'])
    if not os.path.isdir(place):
        raise Wrong('EVIDENCE_MISSING', f'the directory {line["directory"]} is gone, which line {line["number"]} has.')
    files = {}
    for name, expected in line['files'].items():
        try:
            with open(os.path.join(place, name), 'rb') as handle:
                files[name] = handle.read()
        except OSError:
            raise Wrong('EVIDENCE_MISSING', f'{name} of {line["directory"]} is gone, which line {line["number"]} has.')
        if hashlib.sha256(files[name]).hexdigest() != expected:
            raise Wrong('EVIDENCE_CHANGED', f'{line["directory"]}/{name} was changed: see line {line["number"]}.')
    for name in sorted(os.listdir(place)):
        if name not in files:
            raise Wrong('EVIDENCE_ADDED', f'{line["directory"]}/{name} is in no line.')
    if 'evidence.json' not in files:
        raise Wrong('EVIDENCE_MISSING', f'evidence.json of {line["directory"]} is gone.')
    evidence = read_evidence(line, files['evidence.json'])
    said = {key: line[key] for key in ('id', 'rehearsal', 'verdict', 'database', 'previous')}
    if line['kind'] == 'merged' and 'part' in line:
        # It followed that line in the ledger of its part.
        said['previous'] = line['part']['previous']
    about = evidence.get('about') or {}
    written = {**{key: evidence.get(key) for key in said}, 'database': about.get('database')}
    for key in said:
        if said[key] != written[key] and not (key == 'previous' and line['kind'] == 'adopted'):
            raise Wrong('LINE_CHANGED', f'Line {line["number"]} says {key} {said[key]}, and the evidence says {written[key]}.')
    return evidence, files


def read_evidence(line, content):
    try:
        evidence = json.loads(content)
        need(isinstance(evidence, dict) and (SCHEMA is None or fits(SCHEMA, evidence)))
        return evidence
    except ValueError:
        raise Wrong('EVIDENCE_INVALID', f'{line["directory"]}/evidence.json does not keep to its schema.')


def read_schema():
    try:
        with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'evidence.schema.json'), encoding='utf-8') as handle:
            return json.load(handle)
    except OSError:
        return None


SCHEMA = read_schema()
TYPES = {'object': dict, 'array': list, 'string': str, 'boolean': bool, 'integer': int, 'number': (int, float), 'null': type(None)}


def fits(schema, value):
    """As much of JSON Schema as evidence.schema.json needs. What earlier evidence does not have has a default there."""
    if 'anyOf' in schema and not any(fits(each, value) for each in schema['anyOf']):
        return False
    if 'const' in schema and value != schema['const'] or 'enum' in schema and value not in schema['enum']:
        return False
    if 'type' in schema:
        types = schema['type'] if isinstance(schema['type'], list) else [schema['type']]
        if not any(isinstance(value, TYPES[each]) and (each == 'boolean' or not isinstance(value, bool)) for each in types):
            return False
    if isinstance(value, str) and 'pattern' in schema and not re.search(schema['pattern'], value):
        return False
    if isinstance(value, (int, float)) and value < schema.get('minimum', value):
        return False
    if isinstance(value, list) and 'items' in schema:
        return all(fits(schema['items'], each) for each in value)
    if isinstance(value, dict):
        known, others = schema.get('properties', {}), schema.get('additionalProperties', True)
        missing = [key for key in schema.get('required', []) if key not in value and 'default' not in known.get(key, {})]
        rest = [each for key, each in value.items() if key not in known]
        if missing or (others is False and rest):
            return False
        return all(fits(known[key], value[key]) for key in known if key in value) and \
            (not isinstance(others, dict) or all(fits(others, each) for each in rest))
    return True


# Signatures: a DSSE envelope with an in-toto statement, in a Sigstore bundle.


def verify_bundles(line, evidence, files, keys):
    """Whether the run is signed."""
    bundles = [name for name in files if name.endswith('.intoto.json')]
    for name in bundles:
        if name not in BUNDLES:
            raise Wrong('BUNDLE_UNKNOWN', f'{line["directory"]}/{name} is no bundle that a run writes.')
    if not bundles:
        return False
    for name in BUNDLES:
        if name not in bundles:
            raise Wrong('SIGNATURE_MISSING', f'{line["directory"]} is signed, but has no {name}.')
    for name in bundles if keys else []:
        verify_bundle(f'{line["directory"]}/{name}', files[name], BUNDLES[name], evidence, files['evidence.json'], keys)
    return True


def verify_bundle(where, content, expected_type, evidence, evidence_bytes, keys):
    try:
        bundle = json.loads(content)
        media_type = bundle['mediaType'] if isinstance(bundle, dict) and 'mediaType' in bundle else None
        if media_type != BUNDLE_TYPE:
            raise Wrong('BUNDLE_VERSION_UNKNOWN', f'{where} is of the type {media_type}.')
        material, envelope = bundle['verificationMaterial'], bundle['dsseEnvelope']
        (signature,) = envelope['signatures']
        hint, payload, sig = material['publicKey']['hint'], base64.b64decode(envelope['payload']), base64.b64decode(signature['sig'])
        need(envelope['payloadType'] == PAYLOAD_TYPE and payload != b'')
    except (ValueError, KeyError, TypeError):
        raise Wrong('BUNDLE_NOT_READABLE', f'{where} is no bundle with one signed statement.')
    stamps = material.get('timestampVerificationData', {})
    known = [(bundle, {'mediaType', 'verificationMaterial', 'dsseEnvelope'}), (envelope, {'payload', 'payloadType', 'signatures'}),
             (material, {'publicKey', 'timestampVerificationData'}), (material['publicKey'], {'hint'}), (signature, {'sig'}),
             (stamps, {'rfc3161Timestamps'}), *((each, {'signedTimestamp'}) for each in stamps.get('rfc3161Timestamps', []))]
    if any(set(part) - names for part, names in known) or base64.b64encode(payload).decode() != envelope['payload']:
        raise Wrong('BUNDLE_NOT_COVERED', f'{where} holds something that was not written with its signature.')
    verify_signature(where, hint, PAYLOAD_TYPE, payload, sig, keys)
    statement = json.loads(payload)
    if statement.get('_type') != STATEMENT_TYPE or statement.get('predicateType') not in BUNDLES.values():
        raise Wrong('STATEMENT_UNKNOWN', f'{where} holds a statement of another type.')
    own = {'name': 'evidence.json', 'digest': {'sha256': hashlib.sha256(evidence_bytes).hexdigest()}}
    if own['digest']['sha256'] not in [each['digest'].get('sha256') for each in statement['subject'] if each['name'] == 'evidence.json'][:1]:
        raise Wrong('EVIDENCE_DIFFERENT', f'{where}: evidence.json is not what was signed.')
    backup = evidence['subject']
    subject = ([{'name': backup['file'], 'digest': {'sha256': backup['sha256']}}] if backup else []) + [own]
    if statement['subject'] != subject:
        raise Wrong('SUBJECT_DIFFERENT', f'{where} is about other files than the evidence.')
    predicate = evidence if statement['predicateType'] == EVIDENCE_TYPE else test_result(evidence, own)
    if statement['predicate'] != predicate or set(statement) != {'_type', 'predicateType', 'subject', 'predicate'}:
        raise Wrong('EVIDENCE_DIFFERENT', f'{where} does not say what evidence.json says.')
    if statement['predicateType'] != expected_type:
        raise Wrong('BUNDLE_MISPLACED', f'{where} holds the statement of another file.')


def test_result(evidence, own):
    """What in-toto's test-result says of this evidence; docs/evidence.md has it in words."""
    checks = {status: [check['id'] for check in evidence['checks'] if check['status'] == status] for status in ('passed', 'failed')}
    warnings = list(dict.fromkeys(each['rule'] for each in evidence['findings'] if each['severity'] == 'warning'))
    failed_steps = [step['name'] for step in evidence['steps'] if step['status'] == 'failed']
    passed = 'WARNED' if warnings else 'PASSED'
    ci = evidence['trigger']['ci'] or ''
    return {'result': passed if evidence['verdict'] == 'verified' else 'FAILED', 'configuration': [own],
            **({'url': ci} if ci.startswith('https://') else {}),
            'passedTests': checks['passed'], 'warnedTests': warnings, 'failedTests': checks['failed'] + failed_steps}


def verify_signature(where, hint, payload_type, payload, signature, keys):
    if hint not in keys:
        raise Wrong('KEY_NOT_TRUSTED', f'{where} was signed with the key {hint}, which is not trusted.')
    signed = b'DSSEv1 %d %s %d %s' % (len(payload_type), payload_type.encode(), len(payload), payload)
    with tempfile.TemporaryDirectory() as scratch:
        data, sig = write(scratch, 'data', signed), write(scratch, 'sig', signature)
        done = openssl('pkeyutl', '-verify', '-pubin', '-inkey', keys[hint], '-rawin', '-in', data, '-sigfile', sig)
    if done.returncode != 0:
        raise Wrong('SIGNATURE_WRONG', f'The signature of {where} does not fit.')


# Time stamps: RFC 3161, over the bytes of the signature.


def verify_stamps(line, evidence, files, options):
    """Whether the run has a time stamp."""
    found = False
    for name in BUNDLES:
        try:
            bundle = json.loads(files[name])
            stamps = [base64.b64decode(each['signedTimestamp']) for each in bundle['verificationMaterial']['timestampVerificationData']['rfc3161Timestamps']]
            signature = base64.b64decode(bundle['dsseEnvelope']['signatures'][0]['sig'])
        except (ValueError, KeyError, TypeError, IndexError):
            continue
        found = found or len(stamps) > 0
        for stamp in stamps if options.tsa_certificate else []:
            verify_stamp(f'{line["directory"]}/{name}', stamp, signature, evidence, options.tsa_certificate)
    if options.require_timestamps and not found:
        raise Wrong('STAMP_MISSING', f'{line["directory"]} has no time stamp.')
    return found


def verify_stamp(where, stamp, signature, evidence, certificates):
    with tempfile.TemporaryDirectory() as scratch:
        response, data = write(scratch, 'stamp', stamp), write(scratch, 'data', signature)
        trusted = write(scratch, 'trusted', b'\n'.join(open(file, 'rb').read() for file in certificates))
        shown = openssl('ts', '-reply', '-in', response, '-text').stdout.decode('utf-8', 'replace')
        said = re.search(r'^Time stamp: (\w{3} +\d+ \d\d:\d\d:\d\d)(?:\.\d+)? (\d{4}) GMT$', shown, re.M)
        if said is None:
            raise Wrong('STAMP_NOT_READABLE', f'What stands for a time stamp in {where} is none.')
        at = datetime.datetime.strptime(' '.join(said.groups()), '%b %d %H:%M:%S %Y').replace(tzinfo=datetime.timezone.utc)
        # Whether the certificate has expired since makes no difference.
        when = ['-attime', str(int(at.timestamp())), '-partial_chain']
        done = openssl('ts', '-verify', '-in', response, '-data', data, '-CAfile', trusted, *when)
    if done.returncode != 0:
        code = 'STAMP_NOT_TRUSTED' if b'certificate verify error' in done.stderr else 'STAMP_WRONG'
        raise Wrong(code, f'The time stamp of {where} is of something else, was changed, or is by nobody who is trusted.')
    ended = datetime.datetime.strptime(evidence['finishedAt'], '%Y-%m-%dT%H:%M:%S.%fZ').replace(tzinfo=datetime.timezone.utc)
    if abs(at - ended) > TOLERANCE:
        raise Wrong('STAMP_TIME', f'The time stamp of {where} says {at.isoformat()}, the evidence {ended.isoformat()}.')


def openssl(*arguments):
    try:
        return subprocess.run(['openssl', *arguments], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    except FileNotFoundError:
        sys.stderr.write('The program openssl is not installed; signatures and time stamps need it.\n')
        sys.exit(2)


def write(directory, name, content):
    path = os.path.join(directory, name)
    with open(path, 'wb') as handle:
        handle.write(content)
    return path


if __name__ == '__main__':
    sys.exit(main())
