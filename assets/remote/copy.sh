# What a copy asks of the host beside SFTP. The first word says what; files are words, never options.
#
#   sum FILE                    its SHA-256 in hexadecimal
#   blocks FILE SIZE MEGS       "size N", then the SHA-256 of each block of MEGS MiB among its first SIZE bytes
#   resume STEM PART SIZE MEGS  takes up the largest part STEM.beffroi-part-… of an earlier copy under the name PART;
#                               then as blocks. Only a file of the account itself is taken: others may have put one there.
#   unpack FOLDER TIMES SUMS CHECK  an archive on standard input into FOLDER, in which SUMS is a list of digests that CHECK,
#                               where it is not empty, asks to compare. TIMES is "m" where those of the archive do not count.
#   pack FOLDER CHECK           on standard output an archive of the files whose names, "./" first, are the lines of standard
#                               input; with CHECK their digests on standard error, each "DIGEST  NAME"
#
# Exit status 3: the host has no means for it. 4: there is no such part. 5: unpacked, not compared. 6: they differ.

LC_ALL=C
export LC_ALL

# Chooses what hashes standard input; the fastest first.
choose() {
    for hash in 'openssl dgst -sha256 -r' sha256sum 'busybox sha256sum' \
        'python3 -c "import hashlib,sys;print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())"'; do
        case $(eval "$hash" </dev/null 2>/dev/null) in
            e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855*) return 0 ;;
        esac
    done
    exit 3
}

hashed() {
    line=$(eval "$hash") && printf '%s\n' "${line%% *}"
}

blocks() {
    size=$(wc -c <"$1") || exit 1
    printf 'size %s\n' "$((size))"
    [ "$size" -le "$2" ] || size=$2
    at=0
    while [ "$((at * 1048576))" -lt "$size" ]; do
        dd if="$1" bs=1048576 skip="$at" count="$3" 2>/dev/null | hashed
        at=$((at + $3))
    done
}

# Chooses what reads and writes lists of digests.
choose_list() {
    for list in sha256sum 'busybox sha256sum'; do
        case $($list </dev/null 2>/dev/null) in
            e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855*) return 0 ;;
        esac
    done
    return 1
}

case $1 in
    sum)
        choose
        hashed <"$2"
        ;;
    blocks)
        choose
        blocks "$2" "$3" "$4"
        ;;
    resume)
        choose
        most=-1
        for part in "$2".beffroi-part-????????????????; do
            [ -f "$part" ] && [ ! -L "$part" ] && [ -O "$part" ] || continue
            size=$(wc -c <"$part") || continue
            if [ "$size" -gt "$most" ]; then
                most=$size found=$part
            fi
        done
        [ "$most" -ge 0 ] || exit 4
        mv -f "$found" "$3" || exit 4
        blocks "$3" "$4" "$5"
        ;;
    unpack)
        command -v tar >/dev/null 2>&1 || exit 3
        cd "$2" || exit 1
        # Neither the owners of the archive, nor this shell's mask: its modes are what was asked for.
        tar "-xpo${3}f" - || exit 1
        status=5
        if [ -n "$5" ] && choose_list; then
            status=6
            $list -c "$4" >/dev/null 2>&1 && status=0
        fi
        rm -f "$4"
        exit "$status"
        ;;
    pack)
        command -v tar >/dev/null 2>&1 || exit 3
        cd "$2" || exit 1
        # As arguments: not every `tar` reads a list. Lines are words, and nothing in them is a pattern.
        IFS='
'
        set -f
        # shellcheck disable=SC2046
        set -- "$3" $(cat)
        check=$1
        shift
        tar -cf - "$@" 2>/dev/null
        unset IFS
        if [ -n "$check" ] && choose_list; then
            # shellcheck disable=SC2086
            $list "$@" >&2
        fi
        exit 0
        ;;
    *) exit 2 ;;
esac
