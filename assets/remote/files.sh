# What one who looks at folders asks of the host. The first word says what; paths are words, never options, and begin with
# "/" or "./", the latter from the folder in which the login began.
#
#   list PATH               what lies in a folder
#   make PATH               makes a folder
#   rename FROM TO          gives something another name or place, where nothing is yet
#   remove FLAG PATH...     removes; a folder that is not empty only with the flag "tree"
#   missing PATH...         which of the first paths are not there
#
# On standard output first a line "beffroi-files", so that what is no shell is told from it. After it:
#
#   list    WAY, the folder's real path, the home, each with a NUL after it; then as the way says:
#           find: for each entry, each with a NUL after it: its kind, the kind that it leads to, its size, time and mode in one; its
#                 owner; its group; its name; where the link leads
#           stat: for each entry "MODE SIZE TIME:OWNER:GROUP ./NAME" and a newline; no name holds a "/". Then "//" and for each
#                 link, each with a NUL after it: "./NAME"; the kind it leads to; where it leads, with a newline
#   remove  a line for each path that is gone, as they are
#   missing a line for each path that is not there, up to the first that is
#
# Exit status 3: the host has no means for it. 10: there is no such thing. 11: it is no folder. 12: not allowed. 13: there is
# something already. 14: it names nothing. 15: what a system or a person stands on is not taken away. 16: a folder is not empty.
# 17: root would be led there by a link.

LC_ALL=C
export LC_ALL
unset CDPATH
start=$(pwd -P && printf .)
start=${start%??}
printf 'beffroi-files\n'

# Asks for programs, before anything is done.
has() {
    for tool do
        command -v "$tool" >/dev/null 2>&1 || exit 3
    done
}

# Goes into a folder.
enter() {
    cd "$1" 2>/dev/null && here=$(pwd -P && printf .) && here=${here%??} && return
    [ -e "$1" ] || [ -L "$1" ] || exit 10
    [ -d "$1" ] || exit 11
    exit 12
}

# Goes into the folder in which a path lies. Its last part is "name" then, the whole of it "full".
reach() {
    cd "$start" || exit 12
    path=$1
    while :; do
        case $path in
            ?*/) path=${path%/} ;;
            *) break ;;
        esac
    done
    name=${path##*/}
    case $name in
        '') exit 15 ;;
        . | ..) exit 14 ;;
    esac
    enter "${path%/*}/"
    full=${here%/}/$name
}

is_there() {
    [ -e "$1" ] || [ -L "$1" ]
}

# Refuses what a system or a person stands on: it is too easily pointed at.
guard() {
    case "$start/" in "$full"/*) exit 15 ;; esac
    case "${HOME:-/}/" in "$full"/*) exit 15 ;; esac
    case ${full#/} in
        bin | boot | cdrom | dev | etc | home | init | lib | lib32 | lib64 | libx32 | lost+found | media | mnt | nix | opt | proc | root | run | \
            sbin | snap | srv | sys | tmp | usr | var) exit 15 ;;
        boot/efi | etc/pam.d | etc/ssh | etc/systemd | run/user | usr/lib/modules | usr/lib/systemd) exit 15 ;;
        usr/bin | usr/include | usr/lib | usr/lib32 | usr/lib64 | usr/libexec | usr/libx32 | usr/local | usr/sbin | usr/share) exit 15 ;;
        var/backups | var/cache | var/lib | var/local | var/lock | var/log | var/mail | var/opt | var/run | var/spool | var/tmp) exit 15 ;;
        var/lib/apk | var/lib/dpkg | var/lib/incus | var/lib/lxc | var/lib/lxd | var/lib/pacman | var/lib/rpm | var/lib/systemd) exit 15 ;;
        dev/shm/?*) ;;
        dev/* | proc/* | sys/*) exit 15 ;;
        home/*/* | usr/lib/*/*) ;;
        usr/lib/*-linux-gnu*) exit 15 ;;
        home/*) [ ! -d "./$name" ] || exit 15 ;;
    esac
    # Another disk hangs here.
    if [ -d "./$name" ] && [ ! -L "./$name" ]; then
        one=$(stat -c %d . 2>/dev/null) && other=$(stat -c %d "./$name" 2>/dev/null) && [ "$one" != "$other" ] && exit 15
    fi
}

# As root a path that was seen is the path that is meant: somebody with less rights may have put a link in its way since.
really() {
    [ "$(id -u)" -ne 0 ] || case $path in ./*) ;; *) [ "$path" = "$full" ] || exit 17 ;; esac
}

# Removes "name" from the folder one is in.
take_away() {
    if [ -L "./$name" ] || [ ! -d "./$name" ]; then
        rm -f "./$name"
    elif [ "$1" = tree ]; then
        # Not into other disks, where it can be said.
        if rm --one-file-system -f ./beffroi-no-such-file-here 2>/dev/null; then
            rm -rf --one-file-system "./$name"
        else
            rm -rf "./$name"
        fi
    else
        said=$(rmdir "./$name" 2>&1) && return
        [ -z "$(ls -A "./$name" 2>/dev/null)" ] || exit 16
        printf '%s\n' "$said" >&2
        return 1
    fi
}

case $1 in
    list)
        enter "$2"
        [ -r . ] || exit 12
        case $(find / -maxdepth 0 -printf '%y%Y' 2>/dev/null) in
            dd)
                printf 'find\0%s\0%s\0' "$here" "$start"
                find . -mindepth 1 -maxdepth 1 -printf '%y%Y %s %T@ %m\0%u\0%g\0%f\0%l\0' 2>/dev/null
                exit 0
                ;;
        esac
        stat -c '%f %s %Y:%U:%G %n' . >/dev/null 2>&1 || exit 3
        printf 'stat\0%s\0%s\0' "$here" "$start"
        find . -mindepth 1 -maxdepth 1 -exec stat -c '%f %s %Y:%U:%G %n' {} + 2>/dev/null
        printf //
        # Each costs a process.
        # shellcheck disable=SC2016
        find . -mindepth 1 -maxdepth 1 -type l -exec sh -c '
            left=500
            for link do
                [ "$left" -gt 0 ] || break
                left=$((left - 1))
                if [ -d "$link" ]; then kind=d; elif [ -f "$link" ]; then kind=f; elif [ -e "$link" ]; then kind=o; else kind=N; fi
                printf "%s\\0%s\\0" "$link" "$kind"
                readlink "$link"
                printf "\\0"
            done' sh {} + 2>/dev/null
        exit 0
        ;;
    make)
        has mkdir
        reach "$2"
        ! is_there "./$name" || exit 13
        mkdir "./$name" || exit 1
        ;;
    rename)
        has mv id
        reach "$2"
        is_there "./$name" || exit 10
        guard
        really
        from=$full
        reach "$3"
        really
        ! is_there "./$name" || exit 13
        mv "$from" "./$name" || exit 1
        ;;
    remove)
        has rm rmdir ls id
        flag=$2
        shift 2
        for path do
            reach "$path"
            is_there "./$name" || exit 10
            guard
            really
            take_away "$flag" || exit 1
            printf '.\n'
        done
        ;;
    missing)
        shift
        for path do
            reach "$path"
            ! is_there "./$name" || break
            printf '.\n'
        done
        ;;
    *) exit 2 ;;
esac
