# What jobs left on their host: listed, and cleaned. A part of job.sh, which stands behind it.

# stale NAME: whether the process PID.BORN at the end of the name is gone.
stale() {
    its_number=${1%.*}
    its_number=${its_number##*.}
    case $its_number in '' | *[!0-9]*) return 1 ;; esac
    ! process "$its_number" || [ "$born" != "${1##*.}" ]
}

# Counts in leftovers what starters and removers that died have left, and removes it when asked to.
sweep() {
    leftovers=0
    for file in "$jobs"/.gone-* "$jobs"/*/.*.*.*.* /run/beffroi-*.*.*.* /dev/shm/beffroi-*.*.*.*; do
        [ -O "$file" ] && [ ! -L "$file" ] || continue
        case $file in
            "$jobs"/.gone-*) stale "$file" || continue ;;
            "$jobs"/*)
                stale "${file%.*}" || continue
                # The runner's own place for the exit.
                its_token=
                { read -r _ _ _ its_token _ <"${file%/*}/pid"; } 2>/dev/null
                case $file in */."$its_token".*) continue ;; esac ;;
            *) stale "$file" || continue ;;
        esac
        leftovers=$((leftovers + 1))
        [ "$1" != remove ] || rm -rf "$file" 2>/dev/null
    done
    say "leftovers $leftovers"
}

list() {
    command -v du >/dev/null || fail 'missing du'
    du -k "$jobs" 2>/dev/null | while read -r size dir; do
        name=${dir#"$jobs"/}
        case $name in *[!0-9a-f.-]* | .* | -* | '') continue ;; esac
        look
        began=
        { read -r _ _ _ _ _ _ began <"$dir/pid"; } 2>/dev/null
        case $began in '' | *[!0-9]*) began=- ;; esac
        [ "$now" = absent ] || say "$name $size $began $now"
    done
    sweep count
}

# Whether somebody is just starting the step of the folder.
starting() {
    for file in "$dir"/.*.*.*.*; do
        [ -e "$file" ] && ! stale "${file%.*}" && return
    done
    return 1
}

clean() {
    older=$1 most=$2 clock=$(date +%s)
    for dir in "$jobs"/*; do
        case ${dir##*/} in *[!0-9a-f.-]*) continue ;; esac
        look
        case $now in
            running | absent) continue ;;
            staged) ! starting || continue ;;
        esac
        ! tied || continue
        since=
        case $now in ended*) { read -r _ && read -r since; } <"$dir/exit" ;; esac
        [ -n "$since" ] || since=$(stat -c %Y "$dir" 2>/dev/null)
        case $since in '' | *[!0-9]*) since=$clock ;; esac
        [ "$older" -eq 0 ] || [ "$((clock - since))" -ge "$older" ] || continue
        most=$((most - 1))
        [ "$most" -ge 0 ] || break
        discard && say "${dir##*/}"
    done
    sweep remove
    # What is above them is not only ours, and stays.
    { [ -O "$jobs" ] && rmdir "$jobs" && [ -O "$base" ] && rmdir "$base"; } 2>/dev/null || :
}

