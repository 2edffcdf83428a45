#!/usr/bin/env python3
"""Check the proof of a volunteer service certificate without the server that issued it.

    python3 verify_certificate.py proof.json [--key FINGERPRINT_OR_HEX] [--roots roots.json] [--name 王芳 --code XXXX-...]

Python 3.9 or newer and nothing else; with the package `cryptography` signatures are checked faster.
Exit status: 0 the certificate is valid, 1 it is not (forged, altered, revoked or superseded), 2 wrong use, 3 all fits
but no --key was given: whoever makes a false proof makes a key as well, so compare with the one the city published.

What is proven: the file is what the city's key signed; the certificate is what was signed on the day of issue; every
record that it bears is an entry of the city's ledger, under the signed root of its day, with these minutes, this date
and this grade; the sums are right. docs/verification.md of the product describes the format.
"""

import argparse
import hashlib
import json
import re
import sys

PROOF = "volunteer-certificate-proof/1"
CERTIFICATE = "volunteer-certificate/1"
ROOT = "volunteer-ledger-root/1"
HEX = re.compile(r"(?:[0-9a-f]{2})+")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z")
STATES = {
    "valid": "有效",
    "superseded": "因更正失效",
    "revoked": "已撤销",
    "broken": "数据异常，请勿采信",
}


class Invalid(Exception):
    """What is wrong, in words."""


def need(condition, words):
    if not condition:
        raise Invalid(words)


def canonical(value):
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def unhex(text, size=None):
    need(isinstance(text, str) and HEX.fullmatch(text), "not lower-case hexadecimal")
    raw = bytes.fromhex(text)
    need(size is None or len(raw) == size, f"not {size} bytes")
    return raw


# ---- Ed25519 (RFC 8032), verification only -----------------------------------------------------
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)


def _add(one, two):
    a = (one[1] - one[0]) * (two[1] - two[0]) % P
    b = (one[1] + one[0]) * (two[1] + two[0]) % P
    c = 2 * one[3] * two[3] * D % P
    d = 2 * one[2] * two[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def _times(scalar, point):
    out = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            out = _add(out, point)
        point = _add(point, point)
        scalar >>= 1
    return out


def _same(one, two):
    return (one[0] * two[2] - two[0] * one[2]) % P == 0 and (
        one[1] * two[2] - two[1] * one[2]
    ) % P == 0


def _point(raw):
    """Decompress 32 bytes to a point, or None where they are none."""
    y = int.from_bytes(raw, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


BASE = _point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def signed_in_pure_python(text, signature, public):
    """Whether `signature` (64 bytes) over `text` was made by the key `public` (32 bytes)."""
    if len(signature) != 64 or len(public) != 32:
        return False
    key, commitment = _point(public), _point(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if key is None or commitment is None or scalar >= L:
        return False
    challenge = (
        int.from_bytes(hashlib.sha512(signature[:32] + public + text).digest(), "little") % L
    )
    return _same(_times(scalar, BASE), _add(commitment, _times(challenge, key)))


def signed(text, signature, public):
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        return signed_in_pure_python(text, signature, public)
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, text)
    except (InvalidSignature, ValueError):
        return False
    return True


# ---- the tree of a day (RFC 6962) --------------------------------------------------------------
def root_from(leaf, index, size, path):
    """Climb from a leaf to the root; the path must fit the place exactly."""
    need(0 <= index < size, "a record lies outside its day")
    digest, last, rest = hashlib.sha256(b"\x00" + leaf).digest(), size - 1, list(path)
    while last:
        if index % 2 or index < last:
            need(rest, "a path is too short")
            beside = rest.pop(0)
            left, right = (beside, digest) if index % 2 else (digest, beside)
            digest = hashlib.sha256(b"\x01" + left + right).digest()
        index, last = index // 2, last // 2
    need(not rest, "a path is too long")
    return digest


# ---- the parts of a proof ----------------------------------------------------------------------
def read_envelope(raw, trusted):
    try:
        whole = json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError) as fault:
        raise Invalid("the file is not JSON in UTF-8") from fault
    need(isinstance(whole, dict) and set(whole) == {"body", "signature"}, "the file is no proof")
    need(canonical(whole).encode() + b"\n" == raw, "the file is not in its one canonical form")
    body = whole["body"]
    need(isinstance(body, dict) and body.get("format") == PROOF, "the format is unknown")
    keys = {name: unhex(text, 32) for name, text in body["keys"].items()}
    for name, public in keys.items():
        need(hashlib.sha256(public).hexdigest()[:16] == name, "a key does not fit its name")
    need(body["key"] in keys, "the signing key is not in the file")
    if trusted:
        fits = [n for n, public in keys.items() if trusted in (n, public.hex())]
        need(body["key"] in fits, "the file was not signed by the key that you trust")
    need(
        signed(canonical(body).encode(), unhex(whole["signature"], 64), keys[body["key"]]),
        "the signature of the file is wrong: it was altered or is forged",
    )
    need(INSTANT.fullmatch(body["as_of"]), "the time of the proof is malformed")
    return body, keys


def read_certificate(body, keys):
    text = body["certificate"]["statement"]
    said = json.loads(text)
    need(
        canonical(said) == text and said.get("format") == CERTIFICATE, "the statement is malformed"
    )
    need(said["key"] in keys, "the certificate was signed by an unknown key")
    need(
        signed(text.encode(), unhex(body["certificate"]["signature"], 64), keys[said["key"]]),
        "the signature of the certificate is wrong",
    )
    return said


def read_roots(body, keys, kept):
    roots = {}
    for each in body["roots"]:
        text = each["statement"]
        lines = text.split("\n")
        need(len(lines) == 10 and lines[0] == ROOT and lines[9] == "", "a root is malformed")
        day, first, last, root, _head, _previous, _at, key = lines[1:9]
        need(DAY.fullmatch(day) and first.isdecimal() and last.isdecimal(), "a root is malformed")
        need(key in keys, f"the root of {day} was signed by an unknown key")
        need(
            signed(text.encode(), unhex(each["signature"], 64), keys[key]),
            f"the signature of the root of {day} is wrong",
        )
        need(
            kept is None or kept.get(day) == text, f"the root of {day} is not the one that you kept"
        )
        roots[day] = (int(first), int(last), unhex(root, 32))
    return roots


def read_entries(body, roots):
    found = {}
    for each in body["entries"]:
        need(each["day"] in roots, "a record names a day without root")
        first, last, root = roots[each["day"]]
        leaf = each["leaf"].encode()
        fields = each["leaf"].split("\x1f")
        need(len(fields) == 17, "an entry is malformed")
        reached = root_from(
            leaf, each["index"], last - first + 1, [unhex(t, 32) for t in each["path"]]
        )
        need(reached == root, f"entry {fields[0]} is not under the root of {each['day']}")
        need(fields[0] == str(first + each["index"]), "an entry is not at its place")
        need(fields[0] not in found, "an entry stands twice")
        found[fields[0]] = fields
    return found


def check_records(said, entries, unsealed):
    minutes, grades = 0, {}
    for record in said["records"]:
        seq = str(record["seq"])
        minutes += record["minutes"]
        grades[record["grade"]] = grades.get(record["grade"], 0) + record["minutes"]
        if seq in entries:
            check_entry(entries.pop(seq), record, said)
        else:
            need(record["seq"] in unsealed, f"record {seq} has no proof")
    need(not entries, "there are entries that the certificate does not name")
    need(minutes == said["minutes"], "the total is not the sum of the records")
    need(grades == said["grades"], "the sums by grade are wrong")
    need(sum(unit["minutes"] for unit in said["units"]) == minutes, "the sums by unit are wrong")
    need(len(said["records"]) == said["times"], "the number of times is wrong")


def check_entry(fields, record, said):
    (_seq, kind, record_id, reverses, person, _unit, _district, _kind, nature, on) = fields[:10]
    need(kind == "credit" and reverses == "", "an entry is not a credit")
    need(nature in ("volunteer", "training"), "an entry is not volunteer service")
    need(record_id == str(record["record"]), "an entry is of another record")
    need(person in [str(each) for each in said["persons"]], "an entry is of another person")
    need(on == record["on"] and fields[10] == str(record["minutes"]), "date or minutes differ")
    need(fields[12] == record["grade"], "the grade differs")
    need(said["first_on"] <= on <= said["last_on"], "a record lies outside the period")


def check_name(said, name, code):
    plain = re.sub(r"[\s-]", "", code).upper()
    digest = hashlib.sha256(f"{CERTIFICATE}/name\x1f{plain}\x1f{name}".encode()).hexdigest()
    need(
        digest == said["name_commitment"],
        "the name is not the one on the certificate, or the code is wrong",
    )


def verify(raw, trusted=None, kept=None, name=None, code=None):
    """Check the bytes of a proof; returns what it says, raises Invalid with the reason."""
    try:
        body, keys = read_envelope(raw, trusted)
        said = read_certificate(body, keys)
        entries = read_entries(body, read_roots(body, keys, kept))
        check_records(said, entries, body["unsealed"])
        if name is not None:
            check_name(said, name, code or "")
        state = body["state"]["state"]
        need(state in STATES, "the state is unknown")
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as fault:
        raise Invalid(f"the proof is malformed: {fault!r}") from fault
    return body, said


def tell(body, said):
    hours = (said["minutes"] * 10 + 30) // 60 / 10
    number = "-".join(said["number"][i : i + 4] for i in range(0, 20, 4))
    state = body["state"]
    print(f"志愿服务记录证明 {number}")
    print(
        f"状态     {STATES[state['state']]}" + (f"（{state['reason']}）" if state["reason"] else "")
    )
    print(f"截至     {body['as_of']}")
    print(f"姓名     {said['name']}")
    print(f"出具单位 {said['issuer']}，{said['issued_at']}")
    print(
        f"服务期间 {said['first_on']} 至 {said['last_on']}，{said['times']} 次，{said['minutes']} 分钟（{hours:.1f} 小时）"
    )
    print(
        "按等级   "
        + "，".join(
            f"{grade} 级 {minutes} 分钟" for grade, minutes in sorted(said["grades"].items())
        )
    )
    proven = said["times"] - len(body["unsealed"])
    print(
        f"已核验   {proven} 条记录在已签名的台账根值之下"
        + (f"，{len(body['unsealed'])} 条当天尚未封存" if body["unsealed"] else "")
    )
    print(f"签名密钥 {body['key']}（请与公布的指纹核对）")


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("proof", help="the proof.json of the certificate's page")
    parser.add_argument("--key", help="fingerprint or public key that you trust, in hexadecimal")
    parser.add_argument("--roots", help="a roots.json that you kept")
    parser.add_argument("--name", help="the full name as on the paper")
    parser.add_argument("--code", help="the check code (核验码) as on the paper")
    options = parser.parse_args(arguments)
    try:
        with open(options.proof, "rb") as stream:
            raw = stream.read()
        kept = None
        if options.roots:
            with open(options.roots, encoding="utf-8") as stream:
                kept = {
                    r["statement"].split("\n")[1]: r["statement"]
                    for r in json.load(stream)["roots"]
                }
    except (OSError, ValueError, KeyError) as fault:
        print(f"cannot read: {fault}", file=sys.stderr)
        return 2
    try:
        body, said = verify(raw, options.key, kept, options.name, options.code)
    except Invalid as fault:
        print(f"INVALID 无效: {fault}", file=sys.stderr)
        return 1
    tell(body, said)
    if body["state"]["state"] != "valid":
        print("NOT VALID 此证明已不再有效", file=sys.stderr)
        return 1
    if not options.key:
        print(
            "CONSISTENT 文件自洽，但没有核对签名密钥：请用 --key 给出公布的指纹后再核验",
            file=sys.stderr,
        )
        return 3
    print("VALID 有效")
    return 0


if __name__ == "__main__":
    sys.exit(main())
