#!/usr/bin/env python3
"""Makes the files of mRemoteNG beside it from the description of the format alone
(Security/SymmetricEncryption/AeadCryptographyProvider.cs of https://github.com/mRemoteNG/mRemoteNG). Needs `cryptography`.

    ./make.py
"""
import base64, hashlib, os
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pathlib import Path

HERE = Path(__file__).parent
HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'


def seal(clear, password, rounds):
    salt, nonce = os.urandom(16), os.urandom(16)
    key = hashlib.pbkdf2_hmac("sha1", password.encode(), salt, rounds, 32)
    return base64.b64encode(salt + nonce + AESGCM(key).encrypt(nonce, clear.encode(), salt)).decode()


def nodes(password, rounds):
    node = lambda name, kind, id, protocol="SSH2", host="", user="", port="22", secret="", inherit="", below="": (
        f'<Node Name="{name}" Type="{kind}" Id="{id}" Descr="" Username="{user}" Domain="" Protocol="{protocol}" '
        f'Password="{seal(secret, password, rounds) if secret else ""}" Hostname="{host}" Port="{port}" {inherit} '
        + (f">{below}</Node>\n" if below else "/>\n"))
    inherit = 'InheritUsername="true" InheritPassword="true"'
    web = node("web &amp; 1", "Connection", "w1", host="web-1", port="2222", inherit=inherit) + node("web 2", "Connection", "w2", host="web-2", inherit=inherit)
    return (node("prod", "Container", "c1", user="ops", secret="of the folder", below=web)
            + node("alone", "Connection", "a", host="alone.example.org", user="root", secret="hünter2")
            + node("windows", "Connection", "r", protocol="RDP", host="win", port="3389", user="admin", secret="rdp")
            + node("telnet", "Connection", "t", protocol="Telnet", host="old"))


def write(name, password, rounds, whole=False):
    test = seal("ThisIsNotProtected" if password == "mR3m" else "ThisIsProtected", password, rounds)
    inside = nodes(password, rounds)
    (HERE / name).write_text(
        HEAD + f'<mrng:Connections xmlns:mrng="http://mremoteng.org" Name="Connections" Export="false" EncryptionEngine="AES" '
        f'BlockCipherMode="GCM" KdfIterations="{rounds}" FullFileEncryption="{str(whole).lower()}" Protected="{test}" ConfVersion="2.6">'
        + (seal(inside, password, rounds) if whole else "\n" + inside) + "</mrng:Connections>\n")


write("built-in.xml", "mR3m", 1000)
write("own.xml", "own password", 1000)
write("whole.xml", "own password", 1000, whole=True)
