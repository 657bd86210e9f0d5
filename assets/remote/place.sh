# Folders for what is sent to a host to be used by a job there: packages of applications, a catalog.
#   sh -c THIS beffroi-place make NAME | remove NAME | list
# `make` prints the folder, which only the account can enter; `list` prints `NAME BYTES` for each. A name is of letters,
# digits and `-`. POSIX sh with GNU or busybox tools. Says `beffroi-place 1` first.

set -u
umask 077
echo 'beffroi-place 1'
fail() {
    echo "beffroi-place: $1" >&2
    exit 65
}
state_base || fail 'missing HOME'
places=$base/sent
case ${1:-} in
    list)
        for place in "$places"/*; do
            [ -d "$place" ] || continue
            echo "${place##*/} $(($(du -sk "$place" 2>/dev/null | cut -f 1) * 1024))"
        done
        exit 0
        ;;
esac
case ${2:-} in
    '' | *[!A-Za-z0-9-]*) fail 'not a name' ;;
esac
place=$places/$2
case $1 in
    make)
        # One that is there is gone on with.
        mkdir -p "$places" && { [ -d "$place" ] || mkdir "$place"; } || fail 'not made'
        echo "$place"
        ;;
    remove)
        rm -rf "$place" && [ ! -e "$place" ] || fail 'not removed'
        ;;
    *) fail 'not understood' ;;
esac
