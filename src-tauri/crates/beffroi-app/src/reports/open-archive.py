import base64, hashlib, hmac, pathlib, struct, sys
from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_decrypt

def C(tag, *items):
    text = b""
    for item in (tag, *items):
        item = struct.pack(">Q", item) if isinstance(item, int) else item
        text += struct.pack(">I", len(item)) + item
    return text

def split(data):
    items = []
    while data:
        end = 4 + struct.unpack(">I", data[:4])[0]
        items, data = items + [data[4:end]], data[end:]
    return items

def sign(key, text):
    return hmac.new(key, text, hashlib.sha256).digest()

def HKDF(salt, key, info):
    return sign(sign(salt, key), info + b"\x01")

stage_key = base64.b64decode(open(sys.argv[1]).read())
folder = pathlib.Path(sys.argv[2])
head = (folder / "head").read_bytes()
tag, vault, archive, size, proof = split(head)
head_key = HKDF(vault, stage_key, C(b"beffroi/archive-head-key/1", archive))
body = C(tag, vault, archive, size)
if not hmac.compare_digest(proof, sign(head_key, body)):
    sys.exit("another key, or a damaged folder")
key = HKDF(vault, stage_key, C(b"beffroi/archive-content-key/1", archive))
volumes = sorted(path for path in folder.iterdir() if path.name.isdigit())
number, whole, mark = 0, 2 ** 20 + 40, hashlib.sha256(head).digest()
for volume in volumes:
    end = volume.stat().st_size
    with volume.open("rb") as file:
        while chunk := file.read(whole):
            last = volume == volumes[-1] and file.tell() == end
            place = C(b"beffroi/archive-chunk/1", mark, number, int(last))
            sys.stdout.buffer.write(crypto_aead_xchacha20poly1305_ietf_decrypt(
                chunk[24:], place, chunk[:24], key))
            number += 1
