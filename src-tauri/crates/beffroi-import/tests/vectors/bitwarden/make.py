#!/usr/bin/env python3
"""Password-protected exports of Bitwarden, made without any code of this project: PBKDF2, HKDF-Expand and HMAC by hashlib and
hmac, Argon2id and AES-256-CBC by the `cryptography` package (44 or newer). The items are made up.

    make.py write           writes pbkdf2.json and argon2id.json beside itself
    make.py read FILE       verifies both MACs of FILE and prints what is inside; the password is the first line of stdin
"""
import base64, hashlib, hmac, json, pathlib, sys

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

PASSWORD = "correct horse é"
ITEMS = {
    "encrypted": False,
    "folders": [{"id": "f1", "name": "Work/Servers"}],
    "items": [
        {"id": "i1", "folderId": "f1", "type": 1, "name": "Mail", "notes": None, "favorite": True, "reprompt": 0,
         "login": {"username": "me", "password": "s3cret", "totp": "JBSWY3DPEHPK3PXP", "uris": [{"match": None, "uri": "https://mail.example"}]}},
        {"id": "i2", "folderId": None, "type": 5, "name": "Key", "notes": None, "favorite": False, "reprompt": 0,
         "sshKey": {"privateKey": "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n",
                    "publicKey": "ssh-ed25519 AAAA", "keyFingerprint": "SHA256:x"}},
    ],
}


def keys(export, password):
    salt = export["salt"].encode()
    if export["kdfType"] == 0:
        master = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, export["kdfIterations"], 32)
    else:
        master = Argon2id(salt=hashlib.sha256(salt).digest(), length=32, iterations=export["kdfIterations"],
                          lanes=export["kdfParallelism"], memory_cost=export["kdfMemory"] * 1024).derive(password.encode())
    # HKDF-Expand (RFC 5869) for one block of output.
    return [hmac.new(master, info + b"\x01", "sha256").digest() for info in (b"enc", b"mac")]


def seal(key, mac, text, iv):
    pad = 16 - len(text) % 16
    box = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
    sealed = box.update(text + bytes([pad]) * pad) + box.finalize()
    tag = hmac.new(mac, iv + sealed, "sha256").digest()
    return "2." + "|".join(base64.b64encode(part).decode() for part in (iv, sealed, tag))


def unseal(key, mac, text):
    iv, sealed, tag = (base64.b64decode(part) for part in text.removeprefix("2.").split("|"))
    assert hmac.compare_digest(tag, hmac.new(mac, iv + sealed, "sha256").digest()), "the MAC does not match"
    box = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
    text = box.update(sealed) + box.finalize()
    assert text[-text[-1]:] == bytes([text[-1]]) * text[-1], "the padding is wrong"
    return text[:-text[-1]]


def write():
    for name, kdf in (("pbkdf2", {"kdfType": 0, "kdfIterations": 5000}),
                      ("argon2id", {"kdfType": 1, "kdfIterations": 2, "kdfMemory": 16, "kdfParallelism": 2})):
        salt = base64.b64encode(hashlib.sha256(name.encode()).digest()[:16]).decode()
        export = {"encrypted": True, "passwordProtected": True, "salt": salt, **kdf}
        key, mac = keys(export, PASSWORD)
        export["encKeyValidation_DO_NOT_EDIT"] = seal(key, mac, b"0f9c6d6a-0000-4000-8000-000000000001", bytes(range(16)))
        export["data"] = seal(key, mac, json.dumps(ITEMS).encode(), bytes(range(16, 32)))
        pathlib.Path(__file__).with_name(name + ".json").write_text(json.dumps(export, indent=2) + "\n")


def read(path):
    export = json.loads(pathlib.Path(path).read_text())
    key, mac = keys(export, sys.stdin.readline().rstrip("\n"))
    unseal(key, mac, export["encKeyValidation_DO_NOT_EDIT"])
    print(json.dumps(json.loads(unseal(key, mac, export["data"]))))


if __name__ == "__main__":
    write() if sys.argv[1:] == ["write"] else read(sys.argv[2])
