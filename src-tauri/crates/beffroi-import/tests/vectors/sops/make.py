#!/usr/bin/env python3
"""Makes the files of SOPS beside it, from the description of the format alone (sops.go, aes/cipher.go and stores/ of
https://github.com/getsops/sops): no line of Beffroi is used. Needs `cryptography` and the programs of age.

    ./make.py
"""
import base64, hashlib, json, os, subprocess
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pathlib import Path

HERE = Path(__file__).parent
WHEN = "2026-01-02T03:04:05Z"
ONLY_ENCRYPTED = hashlib.sha256(b"sops").digest()

identity = HERE / "identity.txt"
if not identity.exists():
    identity.write_bytes(subprocess.run(["age-keygen"], check=True, capture_output=True).stdout)
recipient = next(line.split(": ")[1] for line in identity.read_text().splitlines() if line.startswith("# public key"))


class Tree:
    def __init__(self, only_encrypted=False):
        self.key, self.mac = os.urandom(32), hashlib.sha512()
        self.only_encrypted = only_encrypted
        if only_encrypted:
            self.mac.update(ONLY_ENCRYPTED)

    def seal(self, clear, kind, path):
        nonce = os.urandom(32)
        both = AESGCM(self.key).encrypt(nonce, clear, path.encode())
        text = lambda part: base64.b64encode(part).decode()
        return f"ENC[AES256_GCM,data:{text(both[:-16])},iv:{text(nonce)},tag:{text(both[-16:])},type:{kind}]"

    def leaf(self, value, path, encrypted=True):
        if value is None:
            return None
        kind = {str: "str", int: "int", float: "float", bool: "bool"}[type(value)]
        clear = str(value).encode()
        if encrypted or not self.only_encrypted:
            self.mac.update(clear)
        if not encrypted:
            return value
        return self.seal(clear, kind, ":".join(path) + ":") if clear else ""

    def walk(self, value, path=()):
        if isinstance(value, dict):
            return {key: self.walk(below, path + (key,)) for key, below in value.items()}
        if isinstance(value, list):
            return [self.walk(below, path) for below in value]
        return self.leaf(value, path, not any(part.endswith("_unencrypted") for part in path))

    def metadata(self):
        enc = subprocess.run(["age", "-a", "-r", recipient], input=self.key, check=True, capture_output=True).stdout.decode()
        found = {"age": [{"recipient": recipient, "enc": enc}], "lastmodified": WHEN}
        found["mac"] = self.seal(self.mac.hexdigest().upper().encode(), "str", WHEN)
        if self.only_encrypted:
            found["mac_only_encrypted"] = True
        return found | {"unencrypted_suffix": "_unencrypted", "version": "3.9.0"}


CLEAR = {
    "db": {"user": "ops", "password": "hünter2", "port": 5432, "ssl": True, "ratio": 0.5, "none": None, "empty": ""},
    "list": ["one", {"two": "2"}, "three"],
    "note_unencrypted": "seen",
    "size_unencrypted": 31,
    "on_unencrypted": True,
}


def yaml(value, indent=0):
    pad, lines = "  " * indent, []
    for key, below in value.items():
        if isinstance(below, dict):
            lines += [f"{pad}{key}:", yaml(below, indent + 1)]
        elif isinstance(below, list):
            lines.append(f"{pad}{key}:")
            for item in below:
                if isinstance(item, dict):
                    inner = yaml(item, indent + 2)
                    lines.append(f"{pad}  - " + inner.lstrip())
                else:
                    lines.append(f"{pad}  - {item}")
        elif isinstance(below, str) and "\n" in below:
            lines += [f"{pad}{key}: |"] + [f"{pad}  {line}" for line in below.splitlines()]
        else:
            text = {True: "true", False: "false", None: "null", "": '""'}.get(below if not isinstance(below, int) or isinstance(below, bool) else "x", below)
            lines.append(f"{pad}{key}: {json.dumps(text) if key == 'lastmodified' else text}")
    return "\n".join(lines)


for name, only in (("all.yaml", False), ("only-encrypted.yaml", True)):
    tree = Tree(only)
    body = tree.walk(CLEAR)
    (HERE / name).write_text("# a comment\n" + yaml(body) + "\n" + yaml({"sops": tree.metadata()}) + "\n")

tree = Tree()
body = tree.walk(CLEAR)
(HERE / "all.json").write_text(json.dumps(body | {"sops": tree.metadata()}, indent="\t") + "\n")

tree = Tree()
body = tree.walk({"data": "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n"})
(HERE / "key.json").write_text(json.dumps(body | {"sops": tree.metadata()}, indent="\t") + "\n")


def flat(metadata, prefix=""):
    text = lambda value: str(value).replace("True", "true").replace("\n", "\\n")
    for key, value in metadata.items():
        if isinstance(value, list):
            for at, item in enumerate(value):
                for inner, deep in item.items():
                    yield f"{prefix}{key}__list_{at}__map_{inner}", text(deep)
        else:
            yield prefix + key, text(value)


tree = Tree()
body = tree.walk({"TOKEN": "a=b c", "LINES": "one\ntwo", "SEEN_unencrypted": "yes"})
lines = [f"{key}={value}" for key, value in body.items()] + [f"{key}={value}" for key, value in flat(tree.metadata(), "sops_")]
(HERE / "all.env").write_text("# a comment\n" + "\n".join(lines) + "\n")

tree = Tree()
body = tree.walk({"db": {"user": "ops", "password": "hünter2"}, "web": {"token": "t"}})
lines = []
for section, pairs in body.items():
    lines += [f"[{section}]"] + [f"{key} = {value}" for key, value in pairs.items()] + [""]
lines += ["[sops]"] + [f"{key} = {value}" for key, value in flat(tree.metadata())]
(HERE / "all.ini").write_text("\n".join(lines) + "\n")
