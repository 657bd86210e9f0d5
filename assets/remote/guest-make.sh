# Makes a guest what its specification says, part by part. Runs on the guest's host, as root, from the place that it was sent to:
#   sh PLACE/make PART        guest-make-DRIVER.sh stands before this text, and has what differs from driver to driver
# `PLACE/spec` has the values, `files`, `volumes`, `packages` and `ports` a line for each, `content/` and `local/` what is put in.
# Each part looks first and changes only what is not yet so: whatever cut it short, it may be begun again. `look` changes nothing
# and prints `PART same`, `PART differs` or `PART absent`. POSIX sh with GNU or busybox tools, here and in the guest.

# The environment comes on standard input and stays in this shell: it lies on no disk of the host, and no argument and no
# variable of a program has it.
unset environment
read_environment() {
    environment=$(cat && echo .) || fail 'the environment could not be read'
    environment=${environment%.}
}

# In the guest: /bin/sh -c TEXT with arguments, and what stands on standard input.
inside() {
    inside_text=$1
    shift
    guest_exec /bin/sh -c "$inside_text" beffroi "$@"
}

# What a text says in the guest of what stands in a file, whole: a client that loses the end of an answer is asked again.
told() { # FILE TEXT WORD…
    told_from=$1
    told_text="$2
echo beffroi-end"
    shift 2
    for _ in 1 2 3; do
        # Bounded here: what is in the guest may say anything.
        inside "$told_text" "$@" <"$told_from" | head -c 4194304 >"$here/told"
        if [ "$(tail -n 1 "$here/told")" = beffroi-end ]; then
            sed '$d' "$here/told"
            return 0
        fi
    done
    return 1
}

# Of paths, those that lie in no volume.
not_in_volumes() {
    while IFS= read -r one; do
        in_volume=
        while IFS=$tab read -r _ at _; do case $one in "$at"/*) in_volume=yes ;; esac; done <"$here/volumes"
        [ -n "$in_volume" ] || echo "$one"
    done
}

digest_of() {
    sha256sum <"$1" | cut -d ' ' -f 1
}

# What is put into a file of the service.
service_text() { # NUMBER
    if [ "$1" = environment ]; then printf %s "$environment"; else cat "$here/service.d/$1"; fi
}

tab=$(printf '\t')

# DIGEST MODE OWNER PATH of each file that is to be in the guest, environment and service included.
wanted_files() {
    while IFS=$tab read -r number mode owner path; do
        echo "$(digest_of "$here/content/$number") $mode $owner $path"
    done <"$here/files"
}

files_that_differ() { # FILE, as wanted_files prints it
    [ -s "$1" ] || return 0
    told "$1" '
        while read -r digest mode owner path; do
            [ -f "$path" ] && [ ! -L "$path" ] && [ "$(sha256sum <"$path" | cut -d " " -f 1)" = "$digest" ] || { echo "$path"; continue; }
            [ "$(stat -c %a "$path")" = "$mode" ] || { echo "$path"; continue; }
            case $owner in
                *:*) is="$(stat -c %U:%G "$path") $(stat -c %u:%g "$path")" ;;
                *) is="$(stat -c %U "$path") $(stat -c %u "$path")" ;;
            esac
            case " $is " in *" $owner "*) ;; *) echo "$path" ;; esac
        done'
}

put_file() { # MODE OWNER PATH, what is in it on standard input
    inside '
        umask 077
        case $3 in */*/*) [ -d "${3%/*}" ] || (umask 022; mkdir -p "${3%/*}") ;; esac
        [ ! -d "$3" ] || { echo "$3 is a folder" >&2; exit 1; }
        cat >"$3.beffroi-new" && chown "$2" "$3.beffroi-new" && chmod "$1" "$3.beffroi-new" && mv "$3.beffroi-new" "$3"
    ' "$1" "$2" "$3" || fail "$3 could not be written in the guest"
}

part_files() {
    wanted_files >"$here/wanted"
    files_that_differ "$here/wanted" >"$here/differing" || fail 'the files of the guest could not be read'
    [ ! -s "$here/differing" ] || before_change
    while IFS=$tab read -r number mode owner path; do
        if grep -qxF -- "$path" "$here/differing"; then
            put_file "$mode" "$owner" "$path" <"$here/content/$number"
            : >"$here/changed"
            echo "wrote $path"
        fi
    done <"$here/files"
}

user_is_there() {
    [ -z "$user" ] || inside 'id -u "$1" >/dev/null 2>&1 && { [ -z "$2" ] || [ "$(id -u "$1")" = "$2" ]; }' "$user" "$uid" </dev/null
}

part_user() {
    user_is_there && return 0
    inside '
        if command -v useradd >/dev/null 2>&1; then
            useradd --system --user-group --no-create-home --shell /bin/false ${2:+--uid "$2"} "$1"
        elif command -v adduser >/dev/null 2>&1; then
            grep -q "^$1:" /etc/group || addgroup -S ${2:+-g "$2"} "$1" || exit 1
            adduser -S -D -H -s /bin/false ${2:+-u "$2"} -G "$1" "$1"
        else
            id=${2:-999}
            while [ -z "$2" ] && cut -d : -f 3 /etc/passwd /etc/group | grep -qx "$id"; do id=$((id - 1)); done
            grep -q "^$1:" /etc/group || echo "$1:x:$id:" >>/etc/group
            echo "$1:!:20000::::::" >>/etc/shadow
            echo "$1:x:$id:$(sed -n "s/^$1:[^:]*:\\([0-9]*\\):.*/\\1/p" /etc/group):$1:/:/bin/false" >>/etc/passwd
        fi' "$user" "$uid" </dev/null || fail "the account $user could not be made in the guest"
    echo "made the account $user"
}

# Names of packages that are not there: of those that are asked for, whatever the guest says.
packages_missing() {
    [ -s "$here/packages" ] || return 0
    told "$here/packages" '
        while read -r package; do
            name=${package%%[=~]*}
            if command -v dpkg-query >/dev/null 2>&1; then
                dpkg-query -W -f "\${db:Status-Status}" "$name" 2>/dev/null | grep -q "^installed" || echo "$package"
            elif command -v apk >/dev/null 2>&1; then
                apk info -e "$name" >/dev/null 2>&1 || echo "$package"
            else
                echo "$package"
            fi
        done' >"$here/said" || return 1
    grep -xF -f "$here/packages" "$here/said"
    return 0
}

# Packages in files that are not there: "DIGEST FILE" of what lies beside this text. No name is the guest's.
files_missing() {
    ls "$here/local" 2>/dev/null | while read -r file; do
        sum=$(digest_of "$here/local/$file")
        inside 'grep -qxF "$1" /etc/beffroi/packages 2>/dev/null' "$sum" </dev/null || echo "$sum $file"
    done
}

part_packages() {
    packages_missing >"$here/missing" || fail 'the packages of the guest could not be read'
    files_missing >"$here/to-bring"
    [ -s "$here/missing" ] || [ -s "$here/to-bring" ] || return 0
    : >"$here/changed"
    before_change
    names=$(tr '\n' ' ' <"$here/missing")
    if [ -n "$names" ]; then
        # Names were held against what a name may be; none begins with a dash.
        inside '
            if command -v apt-get >/dev/null 2>&1; then
                export DEBIAN_FRONTEND=noninteractive LC_ALL=C
                apt-get -qq update && apt-get -qq install --yes --no-install-recommends -o Dpkg::Options::=--force-confold "$@"
            elif command -v apk >/dev/null 2>&1; then
                apk add "$@"
            else
                echo "the guest has neither apt nor apk: no package can be installed by name" >&2
                exit 1
            fi' $names </dev/null || fail "packages could not be installed: $names"
        echo "installed $names"
    fi
    [ -s "$here/to-bring" ] || return 0
    inside 'rm -rf /var/tmp/beffroi && mkdir -p -m 700 /var/tmp/beffroi' </dev/null || fail 'no folder could be made in the guest'
    while read -r _ file; do
        inside 'cat >"/var/tmp/beffroi/$1"' "$file" <"$here/local/$file" || fail "$file could not be brought into the guest"
    done <"$here/to-bring"
    inside '
        cd /var/tmp/beffroi || exit 1
        is_there() { for one in ./*."$1"; do [ -e "$one" ]; return; done; }
        export LC_ALL=C
        ! is_there deb || dpkg --force-confold --install ./*.deb || exit 1
        ! is_there apk || apk add --no-network --allow-untrusted ./*.apk || exit 1
        ! is_there whl || python3 -m pip install --no-index --find-links . --root-user-action ignore --break-system-packages ./*.whl || exit 1
        ' </dev/null || fail 'packages in files could not be installed'
    cut -d ' ' -f 1 "$here/to-bring" | inside '
        mkdir -p /etc/beffroi && cat >>/etc/beffroi/packages && rm -rf /var/tmp/beffroi' || fail 'what was installed could not be noted'
    echo "installed $(wc -l <"$here/to-bring") packages from files"
}

# Which program keeps services in the guest.
keeper() {
    told /dev/null '
        if [ -d /run/systemd/system ]; then echo systemd
        elif command -v openrc >/dev/null 2>&1 || [ -x /sbin/openrc ]; then echo openrc
        else echo none; fi'
}

# The guest has booted as far as services can be asked for.
wait_for_boot() {
    inside '
        tries=0
        while [ "$tries" -lt 600 ]; do
            if [ -d /run/systemd/system ]; then
                case $(systemctl is-system-running 2>/dev/null) in running | degraded) exit 0 ;; esac
            elif [ -x /sbin/openrc ]; then
                rc-status --runlevel >/dev/null 2>&1 && [ "$(rc-status --runlevel 2>/dev/null)" != boot ] &&
                    [ "$(rc-status --runlevel 2>/dev/null)" != sysinit ] && exit 0
            else
                exit 0
            fi
            tries=$((tries + 1))
            sleep 0.1
        done
        exit 1' </dev/null || fail 'the guest did not come up within a minute'
}

# MODE PATH of what makes the service, each with its text in content-service/.
service_files() {
    rm -rf "$here/service.d"
    mkdir -p "$here/service.d"
    : >"$here/service.list"
    [ -n "$service" ] || return 0
    kept_by=$1
    add() { # MODE PATH, text on standard input
        count=$((${count:-0} + 1))
        cat >"$here/service.d/$count"
        printf '%s\t%s\troot:root\t%s\n' "$count" "$1" "$2" >>"$here/service.list"
    }
    count=0
    [ -z "$environment" ] || printf 'environment\t600\troot:root\t/etc/beffroi/environment\n' >>"$here/service.list"
    if [ -s "$here/command" ]; then add 755 "/etc/beffroi/$service" <"$here/command"; fi
    case $kept_by in
        systemd)
            if [ -s "$here/command" ]; then
                {
                    printf '[Unit]\nDescription=%s\nAfter=network.target\n\n[Service]\nExecStart=/etc/beffroi/%s\nRestart=always\n' "$service" "$service"
                    printf 'RestartSec=2\nEnvironmentFile=-/etc/beffroi/environment\n'
                    [ -z "$user" ] || printf 'User=%s\n' "$user"
                    printf '\n[Install]\nWantedBy=multi-user.target\n'
                } | add 644 "/etc/systemd/system/$service.service"
            elif [ -n "$environment" ]; then
                printf '[Service]\nEnvironmentFile=-/etc/beffroi/environment\n' | add 644 "/etc/systemd/system/$service.service.d/beffroi.conf"
            fi
            ;;
        openrc)
            if [ -s "$here/command" ]; then
                {
                    printf '#!/sbin/openrc-run\ndescription="%s"\nsupervisor=supervise-daemon\ncommand=/etc/beffroi/%s\n' "$service" "$service"
                    printf 'pidfile=/run/%s.pid\nrespawn_delay=2\nrespawn_max=0\noutput_log=/var/log/%s.log\nerror_log=/var/log/%s.log\n' "$service" "$service" "$service"
                    # Its output is opened with its own rights.
                    [ -z "$user" ] || printf 'command_user=%s\nstart_pre() { : >>/var/log/%s.log && chown %s /var/log/%s.log; }\n' "$user" "$service" "$user" "$service"
                    printf 'if [ -r /etc/beffroi/environment ]; then set -a; . /etc/beffroi/environment; set +a; fi\n'
                    printf 'depend() { after net; }\n'
                } | add 755 "/etc/init.d/$service"
            elif [ -n "$environment" ]; then
                printf 'if [ -r /etc/beffroi/environment ]; then set -a; . /etc/beffroi/environment; set +a; fi\n' | add 644 "/etc/conf.d/$service"
            fi
            ;;
        *) fail "the guest has neither systemd nor OpenRC to keep $service running" ;;
    esac
}

service_that_differs() {
    [ -n "$service" ] || return 0
    kept_by=$(keeper) || fail 'the guest does not answer'
    service_files "$kept_by"
    while IFS=$tab read -r number mode owner path; do
        echo "$(service_text "$number" | sha256sum | cut -d ' ' -f 1) $mode $owner $path"
    done <"$here/service.list" >"$here/wanted-service"
    files_that_differ "$here/wanted-service"
}

service_runs() {
    [ -n "$service" ] || return 0
    inside '
        if [ -d /run/systemd/system ]; then systemctl is-enabled --quiet "$1" && systemctl is-active --quiet "$1"
        else [ -e "/etc/runlevels/default/$1" ] && rc-service "$1" status >/dev/null 2>&1; fi' "$service" </dev/null
}

part_service() {
    [ -n "$service" ] || return 0
    read_environment
    wait_for_boot
    service_that_differs >"$here/differing" || fail 'the service could not be read'
    [ ! -s "$here/differing" ] || before_change
    while IFS=$tab read -r number mode owner path; do
        if grep -qxF -- "$path" "$here/differing"; then
            service_text "$number" | put_file "$mode" "$owner" "$path" || exit 1
            echo "wrote $path"
        fi
    done <"$here/service.list"
    inside '
        if [ -d /run/systemd/system ]; then systemctl daemon-reload && systemctl --quiet enable "$1"
        else [ -e "/etc/runlevels/default/$1" ] || rc-update add "$1" default; fi' "$service" </dev/null || fail "$service could not be set to start at boot"
    # What it writes from now on is state.
    mark_base
    changed=
    # What it was started with is not what it has now.
    if [ -s "$here/differing" ] || [ -e "$here/changed" ]; then changed=yes; fi
    inside '
        if [ -d /run/systemd/system ]; then
            if [ -n "$2" ]; then systemctl restart "$1"; else systemctl start "$1"; fi
        elif [ -n "$2" ] && rc-service "$1" status >/dev/null 2>&1; then rc-service "$1" restart
        else rc-service "$1" status >/dev/null 2>&1 || rc-service "$1" start; fi' "$service" "$changed" </dev/null || fail "$service could not be started"
}

part_health() {
    tries=0
    while :; do
        healthy && break
        tries=$((tries + 1))
        [ "$tries" -lt "$retries" ] || fail "the guest was not healthy after $retries tries, $interval s apart"
        sleep "$interval"
    done
    echo healthy
}

healthy() {
    if [ -n "$http_port" ]; then
        inside '
            url=http://127.0.0.1:$1$2
            if command -v curl >/dev/null 2>&1; then curl --silent --fail --max-time 10 --output /dev/null "$url"
            elif command -v wget >/dev/null 2>&1; then timeout 10 wget -q -O - "$url"
            elif command -v python3 >/dev/null 2>&1; then python3 -I -c "import sys, urllib.request as r; r.urlopen(sys.argv[1], timeout=10)" "$url"
            else echo "the guest has none of curl, wget and python3" >&2; exit 1; fi' "$http_port" "$http_path" </dev/null >/dev/null 2>&1
    elif [ -s "$here/health" ]; then
        inside "$(cat "$here/health")" </dev/null >/dev/null 2>&1
    elif [ -n "$service" ]; then
        service_runs
    fi
}

# What was written since the service first started, outside the volumes: lost with the root.
part_strays() {
    strays >"$here/strays" || fail 'what lies in the root of the guest could not be read'
    if [ -s "$here/strays" ]; then
        while IFS=$tab read -r _ _ _ path; do echo "$path"; done <"$here/files" >"$here/declared"
        sort -u "$here/strays" | grep -vxF -f "$here/declared" | not_of_service | head -n 201 >"$here/strays.left"
        if [ -s "$here/strays.left" ]; then
            echo 'beffroi-guest: these would be lost with the root, since they lie in no volume:' >&2
            head -n 200 "$here/strays.left" >&2
            [ "$(wc -l <"$here/strays.left")" -le 200 ] || echo '… and more' >&2
            exit 3
        fi
    fi
}

# What this program writes to keep the service.
not_of_service() {
    while IFS= read -r one; do
        case $one in
            /etc/beffroi/* | /lib/rc/cache/*) continue ;;
            "/etc/init.d/$service" | "/etc/conf.d/$service" | "/etc/runlevels/default/$service" | "/etc/systemd/system/$service.service" | \
                "/etc/systemd/system/$service.service.d/"* | /etc/systemd/system/*.wants/"$service.service") [ -z "$service" ] || continue ;;
        esac
        echo "$one"
    done
}

say() { # PART, and whether it is so
    if [ "$2" = 0 ]; then echo "$1 same"; else echo "$1 differs"; fi
}

part_look() {
    read_environment
    echo 'beffroi-guest 1'
    guest_look
    [ "$(guest_state)" = running ] || return 0
    user_is_there
    say user $?
    wanted_files >"$here/wanted"
    if files_that_differ "$here/wanted" >"$here/differing"; then [ ! -s "$here/differing" ]; else false; fi
    say files $?
    if packages_missing >"$here/missing"; then files_missing >>"$here/missing" && [ ! -s "$here/missing" ]; else false; fi
    say packages $?
    if service_that_differs >"$here/differing" && [ ! -s "$here/differing" ]; then service_runs; else false; fi
    say service $?
}

# Everything is as it is specified now.
part_check() {
    part_look >"$here/found"
    ! grep -E ' (differs|absent|foreign)$' "$here/found" >&2 && grep -q '^state running$' "$here/found" || fail 'not everything is as specified'
    echo 'as specified'
}

case ${1:-} in
    # What they compare the environment with, or write of it.
    look | check | service) "part_$1" ;;
    ids | volumes | root | swap | config | start | user | files | packages | health | done | strays) "part_$1" </dev/null ;;
    *) fail 'not understood' 64 ;;
esac
