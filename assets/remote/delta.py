"""What a file holds already, for a copy that sends differences.

    sums FILE BLOCK       for each whole block of FILE: Adler-32 (4 bytes, big end first) and 16 bytes of its SHA-256
    fill FILE PART SIZE   makes PART, which must not be there, out of pieces of FILE: lines "FROM TO LENGTH" on standard input

Exit status 3: there is no such file, or it is no plain one.
"""

import hashlib
import os
import stat
import sys
import zlib


def plain(path):
    try:
        file = open(path, "rb")
    except OSError:
        sys.exit(3)
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        sys.exit(3)
    return file


def sums(path, size):
    with plain(path) as file:
        left = os.fstat(file.fileno()).st_size // size
        while left > 0:
            block = file.read(size)
            if len(block) < size:
                break
            left -= 1
            sys.stdout.buffer.write(zlib.adler32(block).to_bytes(4, "big") + hashlib.sha256(block).digest()[:16])


def fill(path, part, size):
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    with plain(path) as file, open(os.open(part, flags, 0o600), "wb", 0) as made:
        made.truncate(size)
        for line in sys.stdin:
            start, to, left = map(int, line.split())
            file.seek(start)
            made.seek(to)
            while left > 0:
                piece = file.read(min(left, 1 << 20))
                if not piece:
                    sys.exit(1)
                left -= len(piece)
                while piece:
                    piece = piece[made.write(piece) :]


if sys.argv[1] == "sums":
    sums(sys.argv[2], int(sys.argv[3]))
else:
    fill(sys.argv[2], sys.argv[3], int(sys.argv[4]))
