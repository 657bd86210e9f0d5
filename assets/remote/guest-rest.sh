# Incus and LXD by their own interface, where the host has the daemon and not its client: HTTP over the daemon's socket.
# Defines by_rest, which puts in the place of `client` (incus, or lxc) a function that understands those of its words that stand in
# `rest_words` below. Requests go on standard input. An operation of the daemon's is waited for, and its progress told; it goes on
# when this is cut. What is read to be changed is changed only as it was read: If-Match. POSIX sh, awk, and
# perl or python3, which put a program's streams onto a socket.

by_rest() {
    command -v perl >/dev/null 2>&1 || command -v python3 >/dev/null 2>&1 ||
        fail "neither $client is on this host, nor perl or python3 to speak to its daemon with"
    case $client in
        incus) set -- /run/incus/unix.socket /var/lib/incus/unix.socket ;;
        *) set -- /var/snap/lxd/common/lxd/unix.socket /var/lib/lxd/unix.socket ;;
    esac
    socket=
    for place in "$@"; do
        [ -n "$socket" ] || [ ! -S "$place" ] || socket=$place
    done
    [ -n "$socket" ] || fail "there is no socket of $client"
    [ -w "$socket" ] || fail "this account may not use $socket"
    eval "$client() { rest_words \"\$@\"; }"
}

# One line for each value of a JSON text: the names that lead to it, \001 between them, a tab, and the value as it stands there.
flat() {
    awk '
        { text = text $0 " " }
        END {
            while (match(text, /^[ \t\r]*("([^"\\]|\\.)*"|[][{},:]|[^][{},:" \t\r]+)/)) {
                word = substr(text, 1, RLENGTH)
                text = substr(text, RLENGTH + 1)
                sub(/^[ \t\r]+/, "", word)
                if (word == "{" || word == "[") {
                    if (++depth > 30) exit 1
                    list[depth] = word == "["
                    name[depth] = list[depth] ? 0 : ""
                    wants = !list[depth]
                } else if (word == "}" || word == "]") { depth--; wants = 0 }
                else if (word == ",") { if (list[depth]) name[depth]++; else wants = 1 }
                else if (word == ":") wants = 0
                else if (wants) name[depth] = substr(word, 2, length(word) - 2)
                else {
                    line = ""
                    for (level = 1; level <= depth; level++) line = line (level > 1 ? "\001" : "") name[level]
                    print line "\t" word
                }
            }
        }'
}

# What comes back for a request on standard input. Its side of the stream stays open: a daemon takes that it is closed for a cut.
over_socket() {
    if command -v perl >/dev/null 2>&1; then
        # shellcheck disable=SC2016
        perl -MIO::Socket::UNIX -e 'alarm 90; local $/; my $to = IO::Socket::UNIX->new(Peer => $ARGV[0]) or exit 1;
            print $to <STDIN>; $to->flush; print <$to>' "$socket"
    else
        python3 -I -c 'import shutil, socket, sys
to = socket.socket(socket.AF_UNIX)
to.settimeout(90)
to.connect(sys.argv[1])
to.sendall(sys.stdin.buffer.read())
shutil.copyfileobj(to.makefile("rb"), sys.stdout.buffer)' "$socket"
    fi 2>/dev/null
}

# rest METHOD PATH BODY [ETAG]: sets code, etag and said (flat); false when the daemon refused. Says why itself, and what changes.
rest() {
    [ "$1" = GET ] || printf '+ %s\n' "$1 $2${3:+ $3}"
    answer=$({
        printf '%s %s HTTP/1.0\r\nHost: daemon\r\nContent-Type: application/json\r\n' "$1" "$2"
        [ -z "${4:-}" ] || printf 'If-Match: %s\r\n' "$4"
        printf 'Content-Length: %s\r\n\r\n%s' "$(printf '%s' "$3" | wc -c | tr -d ' ')" "$3"
    } | over_socket)
    [ -n "$answer" ] || {
        code=000
        echo "the daemon at $socket does not answer" >&2
        return 1
    }
    code=$(printf '%s\n' "$answer" | awk 'NR == 1 { print $2; exit }')
    etag=$(printf '%s\n' "$answer" | awk '/^\r?$/ { exit } tolower($1) == "etag:" { sub(/\r$/, ""); print $2 }')
    said=$(printf '%s\n' "$answer" | awk 'body { print } /^\r?$/ { body = 1 }' | flat)
    case $code in
        2*) ;;
        404 | 412) return 1 ;;
        *)
            echo "$1 ${2%%\?*}: $code $(value error)" >&2
            return 1 ;;
    esac
}

# value NAME…: a value of what was said, as text.
value() {
    printf '%s\n' "$said" | WANTED=$(IFS=$(printf '\001') && printf '%s' "$*") awk '
        index($0, ENVIRON["WANTED"] "\t") == 1 {
            word = substr($0, length(ENVIRON["WANTED"]) + 2)
            if (word ~ /^"/) { word = substr(word, 2, length(word) - 2); gsub(/\\"/, "\"", word); gsub(/\\\\/, "\\", word) }
            if (word != "null") print word
            exit
        }'
}

# below NAME…: the names and values, as they stand, of an object of texts: `"NAME":"VALUE"` on a line each.
below() {
    printf '%s\n' "$said" | WANTED=$(IFS=$(printf '\001') && printf '%s' "$*") awk '
        index($0, ENVIRON["WANTED"] "\001") == 1 {
            line = substr($0, length(ENVIRON["WANTED"]) + 2)
            at = index(line, "\t")
            if (substr(line, 1, at - 1) !~ /\001/) print "\"" substr(line, 1, at - 1) "\":" substr(line, at + 1)
        }'
}

text() {
    printf '"%s"' "$(printf '%s' "$1" | sed 's/\\/\\\\/g; s/"/\\"/g')"
}

# What was begun, to its end.
to_its_end() {
    operation=$(value operation)
    case $operation in /1.0/operations/*) ;; *) return 0 ;; esac
    told='' lost=0
    while :; do
        if ! rest GET "$operation/wait?timeout=5" ''; then
            [ "$code" = 000 ] || { echo "the daemon knows nothing of what it began: $operation" >&2; return 1; }
            # It may be restarted.
            lost=$((lost + 1))
            [ "$lost" -lt 60 ] || return 1
            sleep 1
            continue
        fi
        progress=$(printf '%s\n' "$said" | sed -n "s/^.*_progress$(printf '\t')\"\(.*\)\"\$/\1/p" | head -n 1)
        [ -z "$progress" ] || [ "$progress" = "$told" ] || printf '%s\n' "$progress"
        told=$progress
        case $(value metadata status_code) in
            200) return 0 ;;
            [45]??)
                echo "$(value metadata description): $(value metadata err)" >&2
                return 1 ;;
        esac
    done
}

do_rest() {
    rest "$@" || {
        [ "$code" != 404 ] || echo "$1 ${2%%\?*}: it is not there" >&2
        return 1
    }
    to_its_end
}

# A name as it may stand in a path.
in_path() {
    case $1 in '' | *[!A-Za-z0-9._~-]* | . | ..) fail "$1 cannot stand in a path" ;; esac
    printf '%s' "$1"
}

# change_instance NAME PROGRAM…: what the program prints of what was said replaces that part of it. Where somebody else changed the
# instance in between it is read again, and `expected` (see set_all) looked at again.
change_instance() {
    at="/1.0/instances/$(in_path "$1")?project=$in_project"
    shift
    tries=0
    while :; do
        rest GET "$at" '' || return 1
        tag=$etag
        body=$("$@") || return 1
        rest PATCH "$at" "$body" "$tag" && break
        [ "$code" = 412 ] || return 1
        tries=$((tries + 1))
        [ "$tries" -lt 5 ] || {
            echo 'somebody else changes it all the time' >&2
            return 1
        }
    done
    to_its_end
}

with_key() {
    still_expected "$(value metadata config "$1")" "$2" || return 1
    printf '{"config":{%s:%s}}' "$(text "$1")" "$(text "$2")"
}
with_device() { # from DEVICE KEY VALUE
    still_expected "$(value metadata devices "$2" "$3")" "$4" || return 1
    printf '{"devices":{%s:{%s,%s:%s}}}' "$(text "$2")" \
        "$(below metadata "$1" "$2" | grep -v "^\"$3\":" | paste -s -d , -)" "$(text "$3")" "$(text "$4")"
}
still_expected() { # NOW WANTED
    [ "${expected-any}" = any ] || [ "$1" = "$expected" ] || [ "$1" = "$2" ] || {
        echo "it is '$1' now, and was '$expected' when this was planned" >&2
        return 1
    }
}

# Of a query the values, in the order of their names, as the client prints them: one on each line.
queried() {
    printf '%s\n' "$said" | grep "^metadata$(printf '\001')" | sort | awk -F '\t' '{
        count = split($1, part, "\001")
        if (part[count] ~ /^[0-9]+$/) print $2
        else print "\"" part[count] "\": " $2
    }'
}

state_action() { # NAME ACTION TIMEOUT FORCE
    do_rest PUT "/1.0/instances/$(in_path "$1")/state?project=$in_project" "{\"action\":\"$2\",\"timeout\":$3,\"force\":$4}"
}

# The words of the client that are understood. The project stands last.
rest_words() {
    in_project=default
    count=$#
    while [ "$count" -gt 0 ]; do
        word=$1
        shift
        count=$((count - 1))
        if [ "$word" = --project ] && [ "$count" -gt 0 ]; then
            in_project=$(in_path "$1") || exit 1
            shift
            count=$((count - 1))
        else
            set -- "$@" "$word"
        fi
    done
    case $client:$1:${2:-} in
        lxc:snapshot:*) shift && set -- snapshot create "$@" ;;
        lxc:restore:*) shift && set -- snapshot restore "$@" ;;
        lxc:delete:*/*) set -- snapshot delete "${2%%/*}" "${2#*/}" ;;
    esac
    instance=/1.0/instances
    case "$1 ${2:-}" in
        'query '*)
            rest GET "$2" '' || return 1
            queried ;;
        'list '*)
            called=${2#^}
            called=${called%\$}
            if rest GET "$instance/$(in_path "$called")?project=$in_project" ''; then
                printf '%s,%s\n' "$called" "$(value metadata status | tr '[:lower:]' '[:upper:]')"
            else
                [ "$code" = 404 ]
            fi ;;
        'start '*)
            rest GET "$instance/$(in_path "$2")?project=$in_project" '' || return 1
            case $(value metadata status_code) in
                109 | 110) state_action "$2" unfreeze -1 false ;;
                *) state_action "$2" start -1 false ;;
            esac ;;
        'stop '*)
            case $3 in
                --force) state_action "$2" stop -1 true ;;
                *) state_action "$2" stop "$4" false ;;
            esac ;;
        'pause '*) state_action "$2" freeze -1 false ;;
        'rename '*) do_rest POST "$instance/$(in_path "$2")?project=$in_project" "{\"name\":$(text "$3")}" ;;
        'copy '*)
            rest GET "$instance/$(in_path "$2")?project=$in_project" '' || return 1
            # LXD gives a copy no profiles by itself.
            profiles=$(printf '%s\n' "$said" | awk -F '[\001\t]' '$1 == "metadata" && $2 == "profiles" { print $4 }' | paste -s -d , -)
            do_rest POST "$instance?project=$in_project" "{\"name\":$(text "$3"),\"source\":{\"type\":\"copy\",\"source\":$(text "$2"),\"project\":$(text "$in_project")},\"profiles\":[$profiles],\"config\":{$(text "${5%%=*}"):$(text "${5#*=}")}}" ;;
        'delete '*) do_rest DELETE "$instance/$(in_path "$2")?project=$in_project" '' ;;
        'snapshot create') do_rest POST "$instance/$(in_path "$3")/snapshots?project=$in_project" "{\"name\":$(text "$4")}" ;;
        'snapshot restore') do_rest PUT "$instance/$(in_path "$3")?project=$in_project" "{\"restore\":$(text "$4")}" ;;
        'snapshot delete') do_rest DELETE "$instance/$(in_path "$3")/snapshots/$(in_path "$4")?project=$in_project" '' ;;
        'config get')
            rest GET "$instance/$(in_path "$3")?project=$in_project" '' || return 1
            value metadata config "$4" ;;
        'config set') change_instance "$3" with_key "${4%%=*}" "${4#*=}" ;;
        # An empty value is none.
        'config unset') change_instance "$3" with_key "$4" '' ;;
        'config device')
            case $3 in
                list)
                    rest GET "$instance/$(in_path "$4")?project=$in_project" '' || return 1
                    printf '%s\n' "$said" | awk -F '[\001\t]' '$1 == "metadata" && $2 == "devices" && !seen[$3]++ { print $3 }' ;;
                get)
                    rest GET "$instance/$(in_path "$4")?project=$in_project" '' || return 1
                    value metadata devices "$5" "$6" ;;
                set) change_instance "$4" with_device devices "$5" "${6%%=*}" "${6#*=}" ;;
                override) change_instance "$4" with_device expanded_devices "$5" "${6%%=*}" "${6#*=}" ;;
                *) unspoken "$@" ;;
            esac ;;
        'storage volume')
            volume="/1.0/storage-pools/$(in_path "$4")/volumes/custom/$(in_path "$5")?project=$in_project"
            case $3 in
                show) rest GET "$volume" '' ;;
                rename) do_rest POST "$volume" "{\"name\":$(text "$6")}" ;;
                delete) do_rest DELETE "$volume" '' ;;
                *) unspoken "$@" ;;
            esac ;;
        *) unspoken "$@" ;;
    esac
}

unspoken() {
    echo "$client is not on this host, and \`$client $1 ${2:-}\` needs it" >&2
    return 1
}
