#!/usr/bin/env python3
"""Computes the vectors in ../vectors again, from FORMAT.md alone, and compares. With --write it puts its results there.

Independent of the Rust code: hashes, HMAC and HKDF of the standard library; Argon2id, ChaCha20-Poly1305, X25519 and Ed25519
of OpenSSL through `cryptography`; HChaCha20 from its draft. src/vectors.rs reads the same files. Inputs and malformed
cases are written by hand; results, outcomes included, are computed here.
"""

import base64
import hashlib
import hmac as hmac_module
import json
import pathlib
import struct
import sys
import unicodedata
import uuid

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

FOLDER = pathlib.Path(__file__).parent.parent / "vectors"


class Refused(Exception):
    """Malformed or not authentic; the argument is the outcome."""


# Primitives


def hmac(key, data):
    return hmac_module.new(key, data, hashlib.sha256).digest()


def sha256(data):
    return hashlib.sha256(data).digest()


def hkdf(salt, material, info):
    return hmac(hmac(salt, material), info + b"\x01")


def quarter(s, a, b, c, d):
    for x, y, z, n in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
        s[x] = (s[x] + s[y]) & 0xFFFFFFFF
        v = s[z] ^ s[x]
        s[z] = ((v << n) | (v >> (32 - n))) & 0xFFFFFFFF


def hchacha20(key, nonce):
    s = list(struct.unpack("<16I", b"expand 32-byte k" + key + nonce))
    for _ in range(10):
        for q in ((0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15), (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14)):
            quarter(s, *q)
    return struct.pack("<8I", *(s[0:4] + s[12:16]))


# draft-irtf-cfrg-xchacha-03, 2.2.1
assert hchacha20(bytes(range(32)), bytes.fromhex("000000090000004a0000000031415927")).hex().startswith("82413b4227b27bfed30e42508a877d73")


def seal(key, nonce, plaintext, associated):
    return ChaCha20Poly1305(hchacha20(key, nonce[:16])).encrypt(bytes(4) + nonce[16:], plaintext, associated)


def unseal(key, nonce, sealed, associated, outcome):
    try:
        return ChaCha20Poly1305(hchacha20(key, nonce[:16])).decrypt(bytes(4) + nonce[16:], sealed, associated)
    except InvalidTag:
        raise Refused(outcome) from None


_derived = {}


def argon2id(text, salt, memory_kib, passes, lanes):
    password = unicodedata.normalize("NFC", text).encode()
    key = (password, salt, memory_kib, passes, lanes)
    if key not in _derived:
        _derived[key] = Argon2id(salt=salt, length=32, iterations=passes, lanes=lanes, memory_cost=memory_kib).derive(password)
    return _derived[key]


def x25519(secret, public, outcome):
    try:
        return X25519PrivateKey.from_private_bytes(secret).exchange(X25519PublicKey.from_public_bytes(public))
    except ValueError:  # all zeros
        raise Refused(outcome) from None


def x25519_public(secret):
    return X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()


# The points of the Edwards curve whose order divides 8, by their y: 1, -1, 0, and the two of order 8, with either sign bit.
P = 2**255 - 19
_Y8 = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD83D3D706A17C7
LOW_ORDER = {1, P - 1, 0, _Y8, P - _Y8}


def is_low_order(point):
    y = int.from_bytes(point, "little") & (2**255 - 1)
    return y % P in LOW_ORDER


def check_signature(public, message, signature):
    """RFC 8032 with both points of full order; OpenSSL refuses an S that is not below the group's order."""
    if is_low_order(public) or is_low_order(signature[:32]):
        raise Refused("signature")
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        raise Refused("signature") from None


# The canonical encoding


def canonical(tag, *items):
    out = b""
    for item in (tag, *items):
        if isinstance(item, str):
            item = item.encode()
        if isinstance(item, int):
            item = struct.pack(">Q", item)
        out += struct.pack(">I", len(item)) + item
    return out


def items_of(tag, encoded, outcome):
    """The items after the tag."""
    items = []
    while encoded:
        if len(encoded) < 4:
            raise Refused(outcome)
        (length,) = struct.unpack(">I", encoded[:4])
        if len(encoded) < 4 + length:
            raise Refused(outcome)
        items.append(encoded[4 : 4 + length])
        encoded = encoded[4 + length :]
    if not items or items[0] != tag.encode():
        raise Refused(outcome)
    return items[1:]


def check_lengths(items, lengths, outcome):
    """None stands for any length."""
    if len(items) != len(lengths) or any(length not in (None, len(item)) for item, length in zip(items, lengths)):
        raise Refused(outcome)


def number(item):
    return struct.unpack(">Q", item)[0]


def within_limits(memory_kib, passes, lanes):
    return 64 << 10 <= memory_kib <= 2 << 20 and 3 <= passes <= 20 and 1 <= lanes <= 16


def read_base64(text, length):
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        raise Refused("damaged") from None
    if len(data) != length or base64.b64encode(data).decode() != text:
        raise Refused("damaged")
    return data


def root_key(vault, root, label):
    return hkdf(vault, root, f"beffroi/root/{label}/1".encode())


def outcome_of(action):
    try:
        action()
        return "accepted"
    except Refused as refused:
        return refused.args[0]


h = bytes.fromhex


# Slots and header

PASSPHRASE_KINDS = ("passphrase", "passphrase-key-file", "passphrase-keyring")


def slot_context(vault, kind, slot_id, parameters):
    """parameters: (memory_kib, passes, lanes, salt) or (ephemeral,) or ()."""
    if kind in PASSPHRASE_KINDS:
        parameters = ("argon2id", *parameters)
    if kind == "identity":
        parameters = ("x25519", *parameters)
    return canonical("beffroi/slot/1", vault, slot_id, kind, *parameters)


def slot_parameters(slot):
    if slot["kind"] in PASSPHRASE_KINDS:
        return slot["memory_kib"], slot["passes"], slot["lanes"], h(slot["salt"])
    return (h(slot["ephemeral"]),) if slot["kind"] == "identity" else ()


def slot_material(vault, slot):
    kind = slot["kind"]
    if kind in PASSPHRASE_KINDS:
        first = argon2id(slot["passphrase"], h(slot["salt"]), slot["memory_kib"], slot["passes"], slot["lanes"])
        if kind == "passphrase":
            return first
        second = sha256(slot["file"].encode()) if kind == "passphrase-key-file" else h(slot["secret"])
        return hkdf(vault, first + second, canonical("beffroi/slot-material/1", kind))
    if kind == "identity":
        recipient = x25519_public(h(slot["recipient_secret"]))
        slot["ephemeral"] = x25519_public(h(slot["ephemeral_secret"])).hex()
        slot["recipient"] = recipient.hex()
        shared = x25519(h(slot["ephemeral_secret"]), recipient, "key")
        assert shared == x25519(h(slot["recipient_secret"]), h(slot["ephemeral"]), "key")
        return hkdf(vault, shared, canonical("beffroi/slot-material/1", kind, h(slot["ephemeral"]), recipient))
    return h(slot["secret"])


def header_mac(root, vault, generation, revision, slots):
    """slots: (context, nonce, wrapped) of each."""
    parts = [part for slot in slots for part in slot]
    return hmac(root_key(vault, root, "header"), canonical("beffroi/header/1", 1, vault, generation, revision, len(slots), *parts))


def slot_json(slot):
    out = {"kind": slot["kind"], "id": str(uuid.UUID(slot["id"]))}
    b64 = lambda name: base64.b64encode(h(slot[name])).decode()
    if slot["kind"] in PASSPHRASE_KINDS:
        out |= {"kdf": "argon2id", **{name: slot[name] for name in ("memory_kib", "passes", "lanes")}, "salt": b64("salt")}
    if slot["kind"] == "identity":
        out["ephemeral"] = b64("ephemeral")
    return out | {"nonce": b64("nonce"), "wrapped": b64("wrapped")}


def header_text(vault, generation, revision, slots, mac):
    header = {"format": "beffroi-vault", "version": 1, "vault": str(uuid.UUID(bytes=vault)), "generation": generation, "revision": revision, "slots": slots, "mac": mac}
    return json.dumps(header, indent=2, ensure_ascii=False) + "\n"


FIELDS = {kind: ("kind", "id", "kdf", "memory_kib", "passes", "lanes", "salt", "nonce", "wrapped") for kind in PASSPHRASE_KINDS}
FIELDS |= {"recovery": ("kind", "id", "nonce", "wrapped"), "keyring": ("kind", "id", "nonce", "wrapped")}
FIELDS |= {"identity": ("kind", "id", "ephemeral", "nonce", "wrapped")}


def read_header(text, root):
    """damaged: not what this format writes; mac: well formed, not authentic; too-new: a newer version."""
    if len(text.encode()) > 64 << 10:
        raise Refused("damaged")
    try:
        header = json.loads(text)
    except (ValueError, RecursionError):
        raise Refused("damaged") from None
    if not isinstance(header, dict) or header.get("format") != "beffroi-vault" or not isinstance(header.get("version"), int):
        raise Refused("damaged")
    if header["version"] > 1:
        raise Refused("too-new")
    if tuple(header) != ("format", "version", "vault", "generation", "revision", "slots", "mac") or header["version"] != 1:
        raise Refused("damaged")
    generation, revision, slots = header["generation"], header["revision"], header["slots"]
    if any(type(count) is not int or not 1 <= count < 2**64 for count in (generation, revision)) or not isinstance(slots, list) or not 1 <= len(slots) <= 16:
        raise Refused("damaged")
    try:
        vault = uuid.UUID(header["vault"]).bytes
        ids = [uuid.UUID(slot["id"]).bytes for slot in slots]
        if any(slot["id"] != str(uuid.UUID(slot["id"])) for slot in slots):
            raise Refused("damaged")
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Refused("damaged") from None
    if len(set(ids)) != len(ids):
        raise Refused("damaged")
    parts = []
    for slot_id, slot in zip(ids, slots):
        kind = slot.get("kind")
        if kind not in FIELDS or tuple(slot) != FIELDS[kind]:
            raise Refused("damaged")
        parameters = ()
        if kind in PASSPHRASE_KINDS:
            cost = slot["memory_kib"], slot["passes"], slot["lanes"]
            if slot["kdf"] != "argon2id" or any(type(each) is not int for each in cost) or not within_limits(*cost):
                raise Refused("damaged")
            parameters = (*cost, read_base64(slot["salt"], 16))
        if kind == "identity":
            parameters = (read_base64(slot["ephemeral"], 32),)
        context = slot_context(vault, kind, slot_id, parameters)
        parts.append((context, read_base64(slot["nonce"], 24), read_base64(slot["wrapped"], 48)))
    mac = read_base64(header["mac"], 32)
    if header_text(vault, generation, revision, slots, header["mac"]) != text or header["vault"] != str(uuid.UUID(bytes=vault)):
        raise Refused("damaged")
    if not hmac_module.compare_digest(mac, header_mac(root, vault, generation, revision, parts)):
        raise Refused("mac")


def changed(text, case):
    for old, new in case.get("replace", []):
        assert old in text, f"{case['what']}: {old} does not stand there"
        text = text.replace(old, new, 1)
    return text + case.get("append", "") * case.get("times", 1)


def slots(data):
    vault, root = h(data["vault"]), h(data["root"])
    parts = []
    for slot in data["slots"]:
        material = slot_material(vault, slot)
        context = slot_context(vault, slot["kind"], h(slot["id"]), slot_parameters(slot))
        wrapping = hkdf(vault, material, canonical("beffroi/slot-key/1", slot["kind"]))
        slot["material"], slot["context"] = material.hex(), context.hex()
        slot["wrapped"] = seal(wrapping, h(slot["nonce"]), root, context).hex()
        parts.append((context, h(slot["nonce"]), h(slot["wrapped"])))
    mac = header_mac(root, vault, data["generation"], data["revision"], parts)
    data["mac"] = mac.hex()
    data["header"] = header_text(vault, data["generation"], data["revision"], [slot_json(slot) for slot in data["slots"]], base64.b64encode(mac).decode())
    assert outcome_of(lambda: read_header(data["header"], root)) == "accepted"
    for case in data["malformed"]:
        case["outcome"] = outcome_of(lambda: read_header(changed(data["header"], case), root))
    data["keys"] = {label: root_key(vault, root, label).hex() for label in ("database", "header", "anchor", "journal", "state", "compartment")}


# Compartments


def stage_kdf(secret):
    return secret["memory_kib"], secret["passes"], secret["lanes"], h(secret["salt"])


def read_compartment(data, wrapped):
    name = h(data["vault"]), h(data["compartment"]), data["stage"]
    wrapping = root_key(h(data["vault"]), h(data["root_key"]), "compartment")
    items = items_of("beffroi/compartment/1", wrapped, "damaged")
    if items[:1] not in ([b"root"], [b"secret"]):
        try:
            items[0].decode()
        except (IndexError, UnicodeDecodeError):
            raise Refused("damaged") from None
        raise Refused("unknown")
    if items[0] == b"root":
        check_lengths(items, (4, 24, 48), "damaged")
        return unseal(wrapping, items[1], items[2], canonical("beffroi/compartment-wrap/1", *name, "root"), "damaged")
    check_lengths(items, (6, 8, 8, 8, 8, 16, 24, 88), "damaged")
    cost = tuple(number(item) for item in items[2:5])
    if items[1] != b"argon2id" or not within_limits(*cost):
        raise Refused("damaged")
    parameters = ("argon2id", *cost, items[5])
    inner = unseal(wrapping, items[6], items[7], canonical("beffroi/compartment-wrap/1", *name, "secret", *parameters), "damaged")
    material = argon2id(data["secret"]["secret"], items[5], *cost)
    key = hkdf(name[0], material, canonical("beffroi/compartment-secret-key/1", *name))
    return unseal(key, inner[:24], inner[24:], canonical("beffroi/compartment-secret/1", *name, *parameters), "wrong")


def compartments(data):
    vault, key = h(data["vault"]), h(data["key"])
    name = vault, h(data["compartment"]), data["stage"]
    wrapping = root_key(vault, h(data["root_key"]), "compartment")
    root, secret = data["root"], data["secret"]
    sealed = seal(wrapping, h(root["nonce"]), key, canonical("beffroi/compartment-wrap/1", *name, "root"))
    root["wrapped"] = canonical("beffroi/compartment/1", "root", h(root["nonce"]), sealed).hex()
    parameters = ("argon2id", *stage_kdf(secret))
    material = argon2id(secret["secret"], h(secret["salt"]), *stage_kdf(secret)[:3])
    inner_key = hkdf(vault, material, canonical("beffroi/compartment-secret-key/1", *name))
    inner_nonce = h(secret["inner_nonce"])
    inner = inner_nonce + seal(inner_key, inner_nonce, key, canonical("beffroi/compartment-secret/1", *name, *parameters))
    sealed = seal(wrapping, h(secret["nonce"]), inner, canonical("beffroi/compartment-wrap/1", *name, "secret", *parameters))
    secret["inner"] = inner.hex()
    secret["wrapped"] = canonical("beffroi/compartment/1", "secret", *parameters, h(secret["nonce"]), sealed).hex()
    for kind in (root, secret):
        assert read_compartment(data, h(kind["wrapped"])) == key
    for case in data["malformed"]:
        other = data | {name: case[name] for name in ("vault", "compartment", "stage") if name in case}
        if "secret" in case:
            other["secret"] = secret | {"secret": case["secret"]}
        wrapped = h(case["bytes"]) if "bytes" in case else h(data[case["of"]]["wrapped"])
        case["outcome"] = outcome_of(lambda: read_compartment(other, wrapped))
    data["envelope_key"] = hkdf(vault, key, b"beffroi/compartment/envelope/1").hex()
    data["row_key"] = hkdf(vault, key, b"beffroi/compartment/row/1").hex()


# Envelopes


def place_of(vault, place):
    return vault, h(place["compartment"]), h(place["target"]), place["table"], h(place["row"]), place["revision"], place["field"]


def read_envelope(key, vault, place, sealed):
    if not sealed:
        raise Refused("refused")
    if sealed[0] > 1:
        raise Refused("too-new")
    if sealed[0] < 1 or len(sealed) < 1 + 24 + 16:
        raise Refused("refused")
    return unseal(key, sealed[1:25], sealed[25:], canonical("beffroi/envelope/1", *place_of(vault, place)), "refused")


def envelopes(data):
    vault, place, key = h(data["vault"]), data["place"], h(data["envelope_key"])
    for envelope in data["envelopes"]:
        at, nonce = place | envelope.get("place", {}), h(envelope["nonce"])
        associated = canonical("beffroi/envelope/1", *place_of(vault, at))
        envelope["sealed"] = (b"\x01" + nonce + seal(key, nonce, h(envelope["plaintext"]), associated)).hex()
        assert read_envelope(key, vault, at, h(envelope["sealed"])) == h(envelope["plaintext"])
    for case in data["malformed"]:
        case["outcome"] = outcome_of(lambda: read_envelope(key, vault, place, h(case["bytes"])))
    for other in data["other_places"]:
        assert outcome_of(lambda: read_envelope(key, vault, place | other, h(data["envelopes"][0]["sealed"]))) == "refused", other
    for row in data["rows"]:
        row["mac"] = hmac(h(data["row_key"]), canonical("beffroi/row/1", *place_of(vault, place | row.get("place", {})), h(row["content"]))).hex()


# Journal, state, checkpoints


def journal(data):
    vault, chain = h(data["vault"]), h(data["chain"])
    mac, link = bytes(32), sha256(canonical("beffroi/journal-start/1", vault, chain))
    data["start"] = link.hex()
    for entry in data["entries"]:
        mac, link = hmac(h(data["journal_key"]), mac + h(entry["entry"])), sha256(link + h(entry["entry"]))
        entry["mac"], entry["link"] = mac.hex(), link.hex()
    checkpoint = data["checkpoint"]
    message = canonical("beffroi/checkpoint/1", vault, chain, checkpoint["number"], link, checkpoint["at_ms"])
    signer = Ed25519PrivateKey.from_private_bytes(h(checkpoint["seed"]))
    checkpoint["message"], checkpoint["signature"] = message.hex(), signer.sign(message).hex()
    checkpoint["public"] = signer.public_key().public_bytes_raw().hex()
    for case in checkpoint["malformed"]:
        of = lambda name: h(case.get(name, checkpoint[name]))
        case["outcome"] = outcome_of(lambda: check_signature(of("public"), of("message"), of("signature")))
    state = data["state"]
    encode = lambda rows: canonical("beffroi/state/1", len(rows), *(item for row in rows for item in row))
    rows = sorted((row["table"].encode(), h(row["id"]), row["revision"], h(row["mac"])) for row in state["rows"])
    state["digest"] = hmac(h(data["state_key"]), encode(rows)).hex()


# Anchor


def read_anchor(data, generation, encoded):
    if len(encoded) < 32:
        raise Refused("damaged")
    content, mac = encoded[:-32], encoded[-32:]
    items = items_of("beffroi/anchor/1", content, "damaged")
    check_lengths(items, (8, 16, 8, 32, 32), "damaged")
    if items[1] != h(data["vault"]):
        raise Refused("damaged")
    if number(items[0]) > generation:
        raise Refused("newer")
    if number(items[0]) < generation:
        raise Refused("older")
    if mac != hmac(h(data["anchor_key"]), content):
        raise Refused("damaged")


def anchor(data):
    content = canonical("beffroi/anchor/1", data["generation"], h(data["vault"]), data["sequence"], h(data["journal_head"]), h(data["state_digest"]))
    data["bytes"] = (content + hmac(h(data["anchor_key"]), content)).hex()
    for case in data["cases"]:
        encoded = h(case.get("bytes", data["bytes"]))
        other = data | {name: case[name] for name in ("vault", "anchor_key") if name in case}
        case["outcome"] = outcome_of(lambda: read_anchor(other, case["header_generation"], encoded))


# Identity

STEER = {0x61C, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A)}


def read_card(text):
    if len(text.encode()) > 4096:
        raise Refused("too-long")
    first, space, encoded = text.strip().partition(" ")
    if first != "beffroi-identity-1" or not space:
        raise Refused("malformed")
    try:
        data = base64.b64decode(encoded, validate=True)
    except ValueError:
        raise Refused("malformed") from None
    if base64.b64encode(data).decode() != encoded or len(data) < 64:
        raise Refused("malformed")
    content, signature = data[:-64], data[-64:]
    items = items_of("beffroi/identity-card/1", content, "malformed")
    check_lengths(items, (16, None, 32, 32, 8), "malformed")
    try:
        name = items[1].decode()
    except UnicodeDecodeError:
        raise Refused("malformed") from None
    steers = any(unicodedata.category(each) == "Cc" or ord(each) in STEER for each in name)
    if not name or name.strip() != name or len(name) > 128 or steers:
        raise Refused("name")
    if is_low_order(items[2]):
        raise Refused("key")
    x25519(bytes([1] * 32), items[3], "key")
    check_signature(items[2], content, signature)


def identity(data):
    signer = Ed25519PrivateKey.from_private_bytes(h(data["seed"]))
    signing, agreement = signer.public_key().public_bytes_raw(), x25519_public(h(data["agreement_secret"]))
    data["signing"], data["agreement"] = signing.hex(), agreement.hex()
    data["keys"] = canonical("beffroi/identity-keys/1", h(data["seed"]), h(data["agreement_secret"])).hex()
    content = canonical("beffroi/identity-card/1", h(data["id"]), data["name"], signing, agreement, data["created_ms"])
    data["card"] = "beffroi-identity-1 " + base64.b64encode(content + signer.sign(content)).decode()
    keys = canonical("beffroi/identity-fingerprint/1", signing, agreement)
    data["fingerprint"] = "SHA256:" + base64.b64encode(sha256(keys)).decode().rstrip("=")
    assert outcome_of(lambda: read_card(data["card"])) == "accepted"
    for case in data["malformed"]:
        case["outcome"] = outcome_of(lambda: read_card(case["card"]))


# Words, key file, announcement


def bits_of(data, width):
    bits = "".join(f"{byte:08b}" for byte in data)
    return [int(bits[at : at + width], 2) for at in range(0, len(bits) - width + 1, width)]


def read_words(data, words):
    index = {word: int(number) for number, word in data["list"].items()}
    words = words.lower().split()
    if len(words) != 24:
        raise Refused("count")
    if any(word not in index for word in words):
        raise Refused("unknown-word")
    bits = "".join(f"{index[word]:011b}" for word in words)
    entropy = bytes(int(bits[at : at + 8], 2) for at in range(0, 256, 8))
    if int(bits[256:], 2) != sha256(entropy)[0]:
        raise Refused("checksum")
    return entropy


def words(data):
    for case in data["recovery"]:
        entropy = h(case["entropy"])
        case["words"] = " ".join(data["list"][str(index)] for index in bits_of(entropy + sha256(entropy)[:1], 11))
        assert read_words(data, case["words"]) == entropy
    for case in data["stage_secrets"]:
        case["words"] = "-".join(data["list"][str(index)] for index in bits_of(h(case["random"]), 11))
    for case in data["malformed"]:
        case["outcome"] = outcome_of(lambda: read_words(data, case["words"]))


def read_key_file(content):
    if len(content.encode()) > 4096:
        raise Refused("too-long")
    if not content.startswith("beffroi-key-file-1\n"):
        raise Refused("kind")
    encoded = content.removeprefix("beffroi-key-file-1\n")
    if not encoded.endswith("\n"):
        raise Refused("damaged")
    read_base64(encoded[:-1], 64)


def key_file(data):
    data["content"] = "beffroi-key-file-1\n" + base64.b64encode(h(data["key"])).decode() + "\n"
    assert outcome_of(lambda: read_key_file(data["content"])) == "accepted"
    for case in data["malformed"]:
        case["outcome"] = outcome_of(lambda: read_key_file(changed(data["content"], case)))


def rekey(data):
    data["ready"] = canonical("beffroi/rekey/1", *(sha256(h(data[name])) for name in ("header", "anchor", "catalog"))).hex()


def main():
    write, failed = "--write" in sys.argv[1:], []
    for compute in (slots, compartments, envelopes, journal, anchor, identity, words, key_file, rekey):
        path = FOLDER / f"{compute.__name__.replace('_', '-')}.json"
        before = path.read_text()
        data = json.loads(before)
        compute(data)
        after = json.dumps(data, indent=2, ensure_ascii=False) + "\n"
        if any('"outcome": "accepted"' in line for line in after.splitlines()):
            failed.append(f"{path.name}: a malformed case is accepted")
        if write:
            path.write_text(after)
        elif before != after:
            failed.append(f"{path.name} is not what FORMAT.md gives")
    print("\n".join(failed) or "the vectors hold")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
