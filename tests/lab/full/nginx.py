#!/usr/bin/env python3
"""Stands for nginx on a Debian of the full tier: shows the certificates of /etc/yunohost/certs, each under its name.

    nginx -t      whether every certificate can be loaded
    nginx         serves on port 443 until it is ended; SIGHUP makes it load them anew, and it goes on with those of before
                  when they cannot be

Lies at /usr/sbin/nginx. Real: the TLS, by Python's OpenSSL. What it answers is one line.
"""

import os
import signal
import socket
import ssl
import sys
import threading

CERTIFICATES = "/etc/yunohost/certs"


def load():
    """A context for each domain that has a certificate; the first by name answers those who name none."""
    contexts = {}
    for domain in sorted(os.listdir(CERTIFICATES)):
        folder = os.path.join(CERTIFICATES, domain)
        if os.path.isfile(os.path.join(folder, "crt.pem")):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(os.path.join(folder, "crt.pem"), os.path.join(folder, "key.pem"))
            contexts[domain] = context
    return contexts


class Shown:
    def __init__(self):
        self.contexts = load()

    def again(self, *_):
        try:
            self.contexts = load()
        except (OSError, ssl.SSLError) as error:
            print(error, file=sys.stderr, flush=True)

    def front(self):
        """Takes whoever comes, then goes on with the context of the name that they ask for."""
        first = next(iter(self.contexts.values()))
        first.sni_callback = lambda connection, name, _: setattr(connection, "context", self.contexts.get(name, first))
        return first


def answer(plain, shown):
    plain.settimeout(10)
    try:
        with shown.front().wrap_socket(plain, server_side=True) as secure:
            secure.recv(4096)
            secure.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nok\n")
    except OSError:
        plain.close()


def main():
    if sys.argv[1:] == ["-t"]:
        try:
            load()
        except (OSError, ssl.SSLError) as error:
            sys.exit(f"nginx: {error}")
        return
    shown = Shown()
    signal.signal(signal.SIGHUP, shown.again)
    with socket.create_server(("", 443)) as server:
        while True:
            plain, _ = server.accept()
            threading.Thread(target=answer, args=(plain, shown), daemon=True).start()


main()
