"""Makes the vault of XPipe beside this file, as its public sources write one (`core/…/AesSecretValue.java`,
`app/…/EncryptionKey.java`, `DataStorageSecret.java`): `python3 make.py`. The salt of the built-in key is what
`new java.util.Random(128).nextBytes(new byte[16])` gives in Java.
"""

import base64
import json
import pathlib

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

HERE = pathlib.Path(__file__).parent / "storage"
ID = "9b1f8a52-0d8e-4f7a-9f43-1f0a2c6b7d11"
SALT = bytes(range(32))
JAVA = bytes.fromhex("d32a10be3d813365dd50f289ee06f510")
VAULT = Argon2id(salt=SALT, length=32, iterations=3, lanes=1, memory_cost=12288).derive(ID.encode())
BUILT_IN = PBKDF2HMAC(SHA256(), 16, JAVA, 2048).derive("XP\u008a".encode())


def sealed(kind, key, text):
    nonce = bytes(range(12))
    value = base64.b64encode(nonce + AESGCM(key).encrypt(nonce, text.encode(), None)).decode()
    return {"type": kind, "encryptedValue": value.replace("/", "-").replace("+", "_")}


def whole(value, kind="vault", key=VAULT, token="xpipe"):
    return {
        "secret": sealed(kind, key, json.dumps(value)),
        "encryptedToken": {"token": sealed(kind, key, token)["encryptedValue"]},
    }


def password(text):
    return whole({"type": "inPlace", "value": sealed("default", BUILT_IN, text)})


def write(path, value):
    path = HERE / path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(value if isinstance(value, str) else json.dumps(value, indent=2) + "\n")


def uuid(number):
    return f"00000000-0000-4000-8000-{number:012}"


def store(number, name, value, category=11, notes=None):
    write(f"stores/{uuid(number)}/entry.json", {"uuid": uuid(number), "name": name, "categoryUuid": uuid(category)})
    write(f"stores/{uuid(number)}/store.json", value)
    if notes:
        write(f"stores/{uuid(number)}/notes.md", notes)


write("vaultkey", f"{ID}\n{base64.b64encode(SALT).decode()}")
write(f"categories/{uuid(10)}/category.json", {"uuid": uuid(10), "name": "All connections", "parentUuid": None})
write(f"categories/{uuid(11)}/category.json", {"uuid": uuid(11), "name": "prod", "parentUuid": uuid(10)})
KEY = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIG5kM3aazWJQJ5RAYtge3IlHBIW6tCV+Wb+nVSEewXyo\n-----END PRIVATE KEY-----\n"
write("data/keys/deploy", KEY)
own = {"type": "localIdentity", "username": "root", "password": password("hunter2"), "sshIdentity": whole({"type": "none"})}
store(1, "web", {"type": "ssh", "host": "web-1", "port": 2222, "identity": {"type": "inPlace", "identityStore": own}, "gateway": uuid(2)}, notes="the shop\n")
store(2, "bastion", {"type": "ssh", "host": {"value": "192.0.2.1", "available": ["192.0.2.1"]}, "port": 22, "identity": {"type": "ref", "ref": uuid(3)}})
store(3, "deploy", {"type": "localIdentity", "username": "deploy", "password": None, "sshIdentity": whole({"type": "file", "file": "<DATA>/keys/deploy", "password": {"type": "none"}})})
store(4, "sealed whole", whole({"type": "ssh", "host": "hidden", "user": "me", "password": password("of before")}))
store(5, "of a user", whole({"type": "ssh", "host": "x"}, "locked", bytes(32), "somebody"))
store(6, "elsewhere", {"type": "ssh", "host": "e", "identity": {"type": "inPlace", "identityStore": {"type": "localIdentity", "username": "e", "password": whole({"type": "passwordManager", "key": "k"})}}})
store(7, "Local Machine", {"type": "local"})
store(8, "screen", {"type": "vnc", "host": "s", "port": 5900})
store(9, "in itself", {"type": "localIdentity", "username": "k", "sshIdentity": whole({"type": "inPlaceKey", "key": sealed("default", BUILT_IN, KEY), "password": {"type": "none"}})})
