# What a server of files in another place asks of a system that has none of its own (sftp-server). POSIX sh, and tools of GNU or of
# busybox. The first word says what; paths begin with "/" or "./", the latter from the folder in which the login began.
#
#   serve                 answers requests, as below
#   read PATH AT          gives the content from byte AT on, as much as is asked for: each line of standard input is a number of
#                         blocks of 64 KiB, each answered; what is empty is the end
#   write PATH ID AT      writes standard input into the file from byte AT on, or at its end for "end"; then "done", or what is wrong
#
# The first line of standard input of "serve" and "read" is a word that nobody else knows. An answer is bytes, then a line of its
# own: the word, a space, 0 or what failed; the bytes of what failed are what is said of it. The first answer is given unasked.
#
# A request of "serve" is a line "WHAT COUNT" and so many lines of arguments, in which "\\" stands for "\" and "\n" for a new line.
# A file is told by ID, its device and inode, so that what somebody put in its place meanwhile is left alone; "-" is whatever
# is there.
#
#   stat PATH, lstat PATH     "ID MODE SIZE CHANGED READ UID GID" of what it leads to, or of itself; the mode in hexadecimal
#   open FLAGS PATH MODE      the same of an open file; flags are r, w, c to make it, x where it must not be there, t to empty it
#   held PATH ID              the same of a file that was opened
#   set PATH ID SIZE MODE CHANGED READ OWNER   changes what is not "-"
#   sync PATH ID              brings it to the disk
#   list PATH                 "MODE SIZE CHANGED READ UID GID ./NAME" and a new line for each entry; no name holds a "/"
#   mkdir PATH MODE, rmdir PATH, remove PATH, readlink PATH, realpath PATH
#   symlink TARGET PATH
#   rename FROM TO, replace FROM TO   the latter over a file that is there
#   disk PATH                 "SIZE-OF-A-BLOCK BLOCKS FREE AVAILABLE INODES FREE-INODES"

LC_ALL=C
export LC_ALL
unset CDPATH

fail() {
    printf '%s\n' "$1"
    exit 1
}

is_there() {
    [ -e "$1" ] || [ -L "$1" ]
}

show() {
    stat "$1" -c '%d:%i %f %s %Y %X %u %g' "$2"
}

# Refuses when what is open as 3 is not the file that was opened before.
same() {
    [ "$1" = - ] || [ "$(stat -L -c %d:%i /proc/self/fd/3 2>/dev/null)" = "$1" ] || fail 'it was replaced meanwhile'
}

# Opens as 3 what is to be changed, and names it.
hold() {
    if [ "$2" = - ]; then
        held=$1
        return
    fi
    [ -f "$1" ] || fail 'No such file or directory'
    exec 3<"$1" || exit 1
    same "$2"
    held=/proc/self/fd/3
}

do_stat() {
    show -L "$1"
}

do_lstat() {
    stat -c '%d:%i %f %s %Y %X %u %g' "$1"
}

do_open() {
    if [ -d "$2" ]; then
        case $1 in *[wcx]*) fail 'Is a directory' ;; esac
        [ -r "$2" ] || fail 'Permission denied'
        show -L "$2"
        return
    fi
    if is_there "$2"; then
        case $1 in *x*) fail 'File exists' ;; esac
        # Nothing else ends.
        [ -f "$2" ] || [ -L "$2" ] || fail 'not a regular file'
    else
        case $1 in *c*) ;; *) fail 'No such file or directory' ;; esac
        mask=$(umask)
        (
            umask 077
            set -C
            true >"$2"
        ) || exit 1
        chmod "$(printf '%o' "$((0$3 & ~$mask))")" "$2" || exit 1
    fi
    [ -f "$2" ] || {
        stat -L "$2" >/dev/null
        fail 'not a regular file'
    }
    case $1 in
        *w*) exec 3<>"$2" || exit 1 ;;
        *) exec 3<"$2" || exit 1 ;;
    esac
    case $1 in *t*) said=$(dd if=/dev/null of=/proc/self/fd/3 2>&1) || fail "$said" ;; esac
    show -L /proc/self/fd/3
}

do_held() {
    hold "$1" "$2"
    show -L "$held"
}

do_set() {
    hold "$1" "$2"
    is_there "$1" || fail 'No such file or directory'
    if [ "$3" != - ]; then
        [ -f "$held" ] || fail 'not a regular file'
        dd if=/dev/null of="$held" bs=1 seek="$3" count=0 2>/dev/null || fail 'its size cannot be changed'
    fi
    [ "$7" = - ] || chown "$7" "$held" || exit 1
    [ "$4" = - ] || chmod "$4" "$held" || exit 1
    if [ "$5" != - ]; then
        touch -c -d "@$5" "$held" || exit 1
        # Not every `touch` sets one alone.
        [ "$5" = "$6" ] || touch -c -a -d "@$6" "$held" 2>/dev/null || :
    fi
}

do_sync() {
    hold "$1" "$2"
    said=$(dd if=/dev/null of="$held" bs=1 count=0 conv=notrunc,fsync 2>&1) && return
    # Not every `dd` knows how.
    case $said in *conv* | *fsync* | *Usage*) sync ;; *) fail "$said" ;; esac
}

do_list() {
    [ -d "$1" ] || {
        is_there "$1" && fail 'Not a directory'
        fail 'No such file or directory'
    }
    cd "$1" && [ -r . ] || fail 'Permission denied'
    # One that is gone meanwhile is no failure.
    find . -mindepth 1 -maxdepth 1 -exec stat -c '%f %s %Y %X %u %g %n' {} + 2>/dev/null
    return 0
}

do_mkdir() {
    mkdir -m "$(printf '%o' "$((0$2 & ~$(umask)))")" "$1"
}

do_rmdir() {
    rmdir "$1"
}

do_remove() {
    is_there "$1" || fail 'No such file or directory'
    [ ! -d "$1" ] || [ -L "$1" ] || fail 'Is a directory'
    rm -f "$1"
}

do_readlink() {
    is_there "$1" || fail 'No such file or directory'
    [ -L "$1" ] || fail 'not a link'
    readlink "$1"
}

do_realpath() {
    readlink -f "$1" || fail 'No such file or directory'
}

do_symlink() {
    is_there "$2" && fail 'File exists'
    ln -s -- "$1" "$2"
}

do_rename() {
    is_there "$1" || fail 'No such file or directory'
    is_there "$2" && fail 'File exists'
    mv -f "$1" "$2"
}

do_replace() {
    is_there "$1" || fail 'No such file or directory'
    if [ ! -d "$2" ]; then
        mv -f "$1" "$2"
        return
    fi
    # Not into it.
    [ -d "$1" ] || [ -L "$2" ] || fail 'Is a directory'
    mv -f -T "$1" "$2"
}

do_disk() {
    stat -f -c '%S %b %f %a %c %d' "$1"
}

answer() {
    printf '\n%s %s\n' "$word" "$1"
}

case $1 in
    serve)
        IFS= read -r word || exit 2
        for tool in stat find readlink dd mv rm ln chmod mkdir rmdir touch; do
            command -v "$tool" >/dev/null 2>&1 || {
                printf 'there is no %s' "$tool"
                answer 1
                exit 3
            }
        done
        answer 0
        while read -r what count; do
            set --
            while [ "$count" -gt 0 ]; do
                IFS= read -r given || exit 0
                case $given in
                    *\\*)
                        given=$(printf '%b.' "$given")
                        given=${given%.}
                        ;;
                esac
                set -- "$@" "$given"
                count=$((count - 1))
            done
            ("do_$what" "$@") </dev/null 2>&1
            answer "$?"
        done
        ;;
    read)
        IFS= read -r word || exit 2
        exec 2>&1 4>&1
        [ -f "$2" ] || fail 'No such file or directory'
        exec 3<"$2" || exit 1
        [ "$3" = 0 ] || dd bs=1 skip="$3" count=0 <&3 2>/dev/null || fail 'it cannot be read from there'
        answer 0
        while read -r blocks; do
            said=$(dd bs=65536 count="$blocks" <&3 2>&1 >&4) || {
                answer 1
                fail "$said"
            }
            answer 0
        done
        ;;
    write)
        exec 2>&1
        [ -f "$2" ] || fail 'No such file or directory'
        if [ "$4" = end ]; then
            exec 3>>"$2" || exit 1
            same "$3"
        else
            exec 3<>"$2" || exit 1
            same "$3"
            dd bs=1 seek="$4" count=0 >&3 2>/dev/null || fail 'it cannot be written from there'
        fi
        said=$(cat 2>&1 >&3) || fail "$said"
        echo done
        ;;
    *) exit 2 ;;
esac
