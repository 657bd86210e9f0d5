"""Gives a domain of this YunoHost a certificate of somebody else's making, or the one back that it had before.

One line of JSON on standard input:
{"push": {"domain": ..., "key": PEM, "chain": PEM, "root": PEM}}   the certificate is put beside those of before and enabled
{"back": {"domain": ...}}                                          the one is enabled that stood there before the push

Files are put where YunoHost 11 and 12 keep theirs, with their owner and rights, and enabled as `_enable_certificate` of
their certificate.py does: a link is turned, nginx's and postfix's configuration written anew, nginx reloaded, dovecot
restarted, the hooks of applications called. What serves it must go on doing so: else what stood there is enabled again. The
same when it is told to stop (SIGTERM) before that is seen.

Python 3.9 or later, with YunoHost's lock. As root: python3 -I -c TEXT
"""

import json
import os
import re
import shutil
import signal
import ssl
import subprocess
import sys
import time

CERTIFICATES = "/etc/yunohost/certs"
SUFFIX = "-beffroi"
# A folder of before there were links, until the link stands in its place.
ASIDE = SUFFIX + "-old"
# Where a folder of ours remembers which one stood there before.
FORMER = "former"
MOST_REQUEST_BYTES = 1 << 18
LOCK_SECONDS = 600


class Refused(Exception):
    """Nothing was changed, or all was put back."""


def stopped(*_):
    """SIGTERM as an exception, so that what was begun goes the way back; told once, it is deaf to the next."""
    signal.signal(signal.SIGTERM, lambda *_: None)
    raise Refused("told to stop")


def say(level, text):
    print(level, text, file=sys.stderr, flush=True)


def group():
    import grp

    try:
        return grp.getgrnam("ssl-cert").gr_gid
    except KeyError:
        raise Refused("there is no group ssl-cert") from None


def write(path, text, owners):
    """A file that only root and the group can read, from its first byte on."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(descriptor)
    os.chown(path, 0, owners)
    os.chmod(path, 0o640)


def live(domain):
    """The folder that is enabled for a domain, with every link followed."""
    link = os.path.join(CERTIFICATES, domain)
    if not os.path.lexists(link) and os.path.isdir(link + ASIDE):
        # An earlier run was killed where nothing could catch it.
        os.rename(link + ASIDE, link)
    if not os.path.isfile(os.path.join(link, "crt.pem")):
        raise Refused("the domain %s has no certificate here" % domain)
    return os.path.realpath(link)


def loads(folder):
    """Whether the key and the certificate of a folder belong together."""
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(os.path.join(folder, "crt.pem"), os.path.join(folder, "key.pem"))
    except (OSError, ssl.SSLError):
        return False
    return True


def run(*words):
    """Whether a command succeeded; what it says goes where our own words go."""
    try:
        return subprocess.run(words, stdin=subprocess.DEVNULL, stdout=sys.stderr, check=False).returncode == 0
    except OSError as error:
        raise Refused("%s: %s" % (words[0], error.strerror)) from None


def quiet(*words):
    return subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0


def former_of(domain):
    """The folder to go back to: the one that the link leads to, or, of before there were links, a copy as YunoHost makes it."""
    link, folder = os.path.join(CERTIFICATES, domain), live(domain)
    if os.path.islink(link):
        return folder
    backup = os.path.join(CERTIFICATES, domain + "-backups", time.strftime("%Y%m%d.%H%M%S", time.gmtime()))
    shutil.copytree(link, backup)
    return backup


def turn(domain, folder):
    """Lets the domain's link lead to a folder. A link is never away; a folder in its place is moved aside for that moment, and
    comes back when the link cannot be put there."""
    link = os.path.join(CERTIFICATES, domain)
    beside, aside = link + SUFFIX + "-new", link + ASIDE
    if os.path.lexists(beside):
        os.unlink(beside)
    os.symlink(folder, beside)
    try:
        if os.path.isdir(link) and not os.path.islink(link):
            shutil.rmtree(aside, ignore_errors=True)
            os.rename(link, aside)
        os.rename(beside, link)
    except BaseException:
        if not os.path.lexists(link):
            os.rename(aside, link)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def serves(domain, mail):
    """Lets everything take what the link leads to; False when something does not."""
    good = run("yunohost", "tools", "regen-conf", "nginx", "postfix") and quiet("nginx", "-t") and run("systemctl", "reload", "nginx")
    if mail:
        good = run("systemctl", "restart", "dovecot") and good
    return good


def switch(domain, folder, former):
    """Enables a folder; the one of before is enabled again when something does not take it."""
    if not quiet("nginx", "-t"):
        raise Refused("the configuration of nginx does not load, before anything was changed: see nginx -t")
    mail = quiet("systemctl", "is-active", "dovecot")
    try:
        turn(domain, folder)
        if not serves(domain, mail):
            raise Refused("the services of this host do not take the certificate")
    except BaseException:
        signal.signal(signal.SIGTERM, lambda *_: None)
        link = os.path.join(CERTIFICATES, domain)
        if os.path.realpath(link) == folder or not os.path.lexists(link):
            say("WARNING", "the certificate of before is enabled again")
            turn(domain, former)
            # At once: who is told to stop may be killed soon after.
            quiet("systemctl", "reload", "nginx")
            serves(domain, mail)
        raise
    # What an application makes of it is its own affair: YunoHost goes on too.
    run("yunohost", "hook", "callback", "post_cert_update", "--args", domain)


def push(request):
    domain = request["domain"]
    live(domain)
    owners = group()
    history = os.path.join(CERTIFICATES, domain + "-history")
    if not os.path.isdir(history):
        os.mkdir(history, 0o750)
        os.chown(history, 0, owners)
    former = former_of(domain)
    folder = os.path.join(history, time.strftime("%Y%m%d.%H%M%S", time.gmtime()) + SUFFIX)
    os.mkdir(folder, 0o700)
    try:
        os.chown(folder, 0, owners)
        write(os.path.join(folder, "key.pem"), request["key"], owners)
        write(os.path.join(folder, "crt.pem"), request["chain"], owners)
        write(os.path.join(folder, "ca.pem"), request["root"], owners)
        write(os.path.join(folder, FORMER), former + "\n", owners)
        if not loads(folder):
            raise Refused("the key is not that of the certificate")
        os.chmod(folder, 0o750)
        switch(domain, folder, former)
    except BaseException:
        if os.path.realpath(os.path.join(CERTIFICATES, domain)) != folder:
            shutil.rmtree(folder, ignore_errors=True)
        raise
    say("INFO", "the certificate lies in " + folder)
    say("INFO", "the one of before stays in " + former)


def back(request):
    domain = request["domain"]
    ours = live(domain)
    try:
        with open(os.path.join(ours, FORMER)) as file:
            former = file.read(4096).strip()
    except OSError:
        raise Refused("the certificate of %s is none that was pushed: nothing is known of the one before" % domain) from None
    inside = os.path.dirname(former) in (os.path.join(CERTIFICATES, domain + suffix) for suffix in ("-history", "-backups"))
    if not inside or not loads(former):
        raise Refused("the certificate of before is not there any more: " + former)
    switch(domain, former, ours)
    say("INFO", "enabled again: " + former)


def main():
    os.umask(0o077)
    signal.signal(signal.SIGTERM, stopped)
    line = sys.stdin.buffer.readline(MOST_REQUEST_BYTES + 1)
    request = json.loads(line) if len(line) <= MOST_REQUEST_BYTES else {}
    work = {"push": push, "back": back}
    named = [name for name in work if name in request]
    if len(named) != 1 or not re.fullmatch(r"[a-z0-9][a-z0-9.-]{0,252}", str(request[named[0]].get("domain"))):
        raise Refused("the request is not understood")
    if os.geteuid() != 0:
        raise Refused("only root can do this")
    try:
        from moulinette.core import MoulinetteLock
    except ImportError:
        raise Refused("there is no YunoHost here") from None
    # Commands of YunoHost below this one pass: they are its children.
    with MoulinetteLock("yunohost", timeout=LOCK_SECONDS):
        work[named[0]](request[named[0]])
    say("SUCCESS", "done")


try:
    main()
except Refused as refused:
    say("ERROR", str(refused))
    sys.exit(1)
except Exception as error:
    # YunoHost's own words; never what it was given.
    say("ERROR", "%s: %s" % (type(error).__name__, " ".join(str(error).split())[:500]))
    sys.exit(1)
