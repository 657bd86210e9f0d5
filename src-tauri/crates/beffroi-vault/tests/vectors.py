#!/usr/bin/env python3
"""Computes the known answers of src/vectors.rs from the FORMAT section of the crate's documentation alone.

Independent of the Rust code: HMAC and HKDF of the standard library, Argon2id and ChaCha20-Poly1305 of OpenSSL through
`cryptography`, HChaCha20 from its draft. Run it when the format changes; paste what it prints.
"""

import hashlib
import hmac as hmac_module
import struct
import unicodedata

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id


def hmac(key, data):
    return hmac_module.new(key, data, hashlib.sha256).digest()


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


def aead(key, nonce, plaintext, associated):
    return ChaCha20Poly1305(hchacha20(key, nonce[:16])).encrypt(bytes(4) + nonce[16:], plaintext, associated)


def canonical(tag, *items):
    out = b""
    for item in (tag, *items):
        if isinstance(item, str):
            item = item.encode()
        if isinstance(item, int):
            item = struct.pack(">Q", item)
        out += struct.pack(">I", len(item)) + item
    return out


# draft-irtf-cfrg-xchacha-03, 2.2.1
assert hchacha20(bytes(range(32)), bytes.fromhex("000000090000004a0000000031415927")).hex().startswith("82413b4227b27bfed30e42508a877d73")

vault, slot_1, slot_2, compartment, host, row = (bytes([n] * 16) for n in (0x11, 0x12, 0x13, 0x14, 0x15, 0x16))
root, recovery, compartment_key = (bytes([n] * 32) for n in (0x21, 0x22, 0x23))
nonce_1, nonce_2, nonce_3, nonce_4 = (bytes([n] * 24) for n in (0x31, 0x32, 0x33, 0x34))
salt = bytes([0x41] * 16)

passphrase = unicodedata.normalize("NFC", "cafe\u0301 noir, 2 sucres").encode()
material = Argon2id(salt=salt, length=32, iterations=3, lanes=1, memory_cost=64 << 10).derive(passphrase)
print("MATERIAL", material.hex())

context_1 = canonical("beffroi/slot/1", vault, slot_1, "passphrase", "argon2id", 64 << 10, 3, 1, salt)
wrapped_1 = aead(hkdf(vault, material, canonical("beffroi/slot-key/1", "passphrase")), nonce_1, root, context_1)
print("WRAPPED_PASSPHRASE", wrapped_1.hex())
context_2 = canonical("beffroi/slot/1", vault, slot_2, "recovery")
wrapped_2 = aead(hkdf(vault, recovery, canonical("beffroi/slot-key/1", "recovery")), nonce_2, root, context_2)
print("WRAPPED_RECOVERY", wrapped_2.hex())


def key(label):
    return hkdf(vault, root, b"beffroi/root/" + label + b"/1")


for label in (b"database", b"header", b"anchor", b"journal", b"state", b"compartment"):
    print("KEY", label.decode(), key(label).hex())

header = canonical("beffroi/header/1", 1, vault, 2, context_1, nonce_1, wrapped_1, context_2, nonce_2, wrapped_2)
print("HEADER_MAC", hmac(key(b"header"), header).hex())

wrap_context = canonical("beffroi/compartment-wrap/1", vault, compartment, "dev", "root")
wrapped = canonical("beffroi/compartment/1", "root", nonce_3, aead(key(b"compartment"), nonce_3, compartment_key, wrap_context))
print("COMPARTMENT", wrapped.hex())

place = (vault, compartment, host, "secret", row, 7, "value")
envelope_key = hkdf(vault, compartment_key, b"beffroi/compartment/envelope/1")
print("ENVELOPE", (b"\x01" + nonce_4 + aead(envelope_key, nonce_4, b"hunter2", canonical("beffroi/envelope/1", *place))).hex())
no_target = (vault, compartment, b"", "secret", row, 7, "value")
print("ENVELOPE_NO_TARGET", (b"\x01" + nonce_4 + aead(envelope_key, nonce_4, b"hunter2", canonical("beffroi/envelope/1", *no_target))).hex())
row_key = hkdf(vault, compartment_key, b"beffroi/compartment/row/1")
print("ROW", hmac(row_key, canonical("beffroi/row/1", *place, b"content")).hex())

first = hmac(key(b"journal"), bytes(32) + b"entry 1")
print("JOURNAL_1", first.hex())
print("JOURNAL_2", hmac(key(b"journal"), first + b"entry 2").hex())

rows = [("compartment", compartment, 1, bytes([0x51] * 32)), ("target", host, 2, bytes([0x52] * 32))]
state = canonical("beffroi/state/1", len(rows), *(item for each in rows for item in each))
print("STATE", hmac(key(b"state"), state).hex())

anchor = canonical("beffroi/anchor/1", vault, 9, bytes([0x61] * 32), bytes([0x62] * 32))
print("ANCHOR", (anchor + hmac(key(b"anchor"), anchor)).hex())
