# The lifeline of beffroi_remote::lifeline, where it is described.
#
#   sh -c THIS beffroi-lifeline run FOLDER SECONDS LONGEST UNDO PATHS COMMAND...
#   sh -c THIS beffroi-lifeline state|release|restore JOB.STEP
# POSIX sh with GNU or busybox tools, on Linux. BEFFROI_ROOT names the root of the file system it is for, where that is not
# the host's own: then files are put back, and neither services nor the firewall are touched.

mask=$(umask)
umask 077

say() {
    printf '%s\n' "$1" || exit 0
}

# What is left behind, and puts everything back: keeper VERB FOLDER.
# shellcheck disable=SC2016
keeper=$process_text'
umask 077
dir=$2
name=${dir%/lifeline}
unit=beffroi-lifeline-${name##*/}.service
root=${BEFFROI_ROOT:-}
units=/etc/systemd/system

has_systemd() {
    [ -z "$root" ] && [ "$(id -u)" = 0 ] && [ -d /run/systemd/system ] && [ /proc/1/root/. -ef /. ]
}

# lives FILE: whether the process that the file tells of does, since the same boot.
lives() {
    its_number="" its_birth="" its_boot="" boot=""
    { read -r its_number its_birth its_boot <"$1" && read -r boot </proc/sys/kernel/random/boot_id; } 2>/dev/null || return 1
    [ "$its_boot" = "$boot" ] && process "$its_number" && [ "$state" != Z ] && [ "$born" = "$its_birth" ]
}

sign() {
    read -r boot </proc/sys/kernel/random/boot_id && process $$ && printf "%s\n" "$$ $born $boot" >"$1"
}

# claim back|let-go|refused: one only ever has it, and says who. A link needs no room of its own on a disk that is full.
claim() {
    ln -s "$1" "$dir/decided"
} 2>/dev/null

# Sets who to whoever has it.
look() {
    who=$(readlink "$dir/decided")
} 2>/dev/null

retire() {
    has_systemd && [ -e "$units/$unit" ] || return 0
    rm -f "$units/$unit" "$units/multi-user.target.wants/$unit"
    systemctl daemon-reload
} >/dev/null 2>&1

# part NAME COMMAND...: one that fails keeps no other from being put back.
part() {
    what=$1
    shift
    timeout 120 "$@" </dev/null >>"$dir/said" 2>&1 || failed="$failed $what"
}

# drop FILE...: removes those that were not there before. What cannot be known stays.
drop() {
    for file; do
        case $file in
            "$root"/*) ;;
            *) continue ;;
        esac
        grep -qxF -e "$file" "$dir/list"
        [ "$?" -ne 1 ] || rm -f "$file"
    done
}

put_back() {
    failed="" paths=""
    read -r paths <"$dir/paths"
    [ ! -s "$dir/saved.tar" ] || part files tar -C "$root/" -xpf "$dir/saved.tar"
    # Without a path, find would take the folder that it runs in.
    [ -z "$paths" ] || find $paths ! -type d -exec sh "$dir/keeper" drop "$dir" {} + 2>/dev/null
    if [ -z "$root" ]; then
        if [ -s "$dir/ruleset" ]; then
            part firewall nft -f "$dir/ruleset"
        elif [ -s "$dir/iptables" ]; then
            part firewall iptables-restore "$dir/iptables"
            [ ! -s "$dir/ip6tables" ] || part firewall ip6tables-restore "$dir/ip6tables"
        fi
        # Rules that nft would not take back are held against those that are there now.
        [ ! -e "$dir/rules" ] || [ "$(timeout 120 nft -s list ruleset 2>/dev/null)" = "$(cat "$dir/rules")" ] || part firewall false
        if has_systemd; then
            part services systemctl daemon-reload
            while read -r service active enabled; do
                [ "$enabled" != enabled ] || systemctl -q is-enabled "$service" 2>/dev/null || part "$service" systemctl enable "$service"
                [ "$active" = active ] || continue
                case $service in
                    ssh.service | sshd.service | ssh.socket) part "$service" systemctl restart "$service" ;;
                    fail2ban.service) part "$service" systemctl reload-or-restart "$service" ;;
                    *) systemctl -q is-active "$service" || part "$service" systemctl start "$service" ;;
                esac
            done <"$dir/services"
        elif read -r server </run/sshd.pid; then
            part ssh kill -s HUP "$server"
        fi
    fi
    [ ! -s "$dir/undo" ] || part undo sh "$dir/undo"
    until printf "%s\n" "${failed:+incomplete$failed}" >"$dir/.restored" && mv "$dir/.restored" "$dir/restored"; do
        [ -d "$dir" ] || exit 1
        sleep 1
    done 2>/dev/null
    retire
}

# Waits while the change runs, then for as long as is left to somebody to get in. What a reboot cut short it finishes.
watch() {
    cd "$dir" || exit 1
    ! lives "$dir/armed" || exit 0
    look
    if [ -e "$dir/restored" ] || [ "${who:-back}" != back ]; then
        retire
        exit 0
    fi
    # Where there is no room to sign, what was armed before is put back all the same.
    { sign "$dir/.armed" && mv "$dir/.armed" "$dir/armed"; } || [ -e "$dir/armed" ] || exit 1
    if [ "$who" = back ]; then
        put_back
        exit 0
    fi
    passed=0 seconds=180
    while [ ! -e "$dir/now" ]; do
        [ ! -L "$dir/decided" ] || exit 0
        if [ ! -e "$dir/ended" ] && lives "$dir/runs"; then
            passed=0
        else
            read -r seconds <"$dir/seconds" || seconds=180
            passed=$((passed + 1))
            [ "$passed" -le "$seconds" ] || break
        fi
        sleep 1
    done
    until claim back; do
        [ -d "$dir" ] && [ ! -L "$dir/decided" ] || exit 0
        sleep 1
    done
    put_back
}
'

# Without what tells the step that it belongs to the change: ending that must not end this.
launch() {
    keeper_file=$dir/keeper
    if has_systemd; then
        {
            printf '[Unit]\nDescription=Beffroi puts back a change after which nobody gets in\n'
            printf '[Service]\nExecStart=/bin/sh %s watch %s\nKillMode=process\n' "$keeper_file" "$dir"
            printf '[Install]\nWantedBy=multi-user.target\n'
        } >"$units/$unit" && mkdir -p "$units/multi-user.target.wants" &&
            ln -sf "../$unit" "$units/multi-user.target.wants/$unit" &&
            systemctl daemon-reload && systemctl start --no-block "$unit" && armed && return
        retire
    fi
    (env -u BEFFROI_STEP setsid sh "$keeper_file" watch "$dir" </dev/null &)
    armed
} >/dev/null 2>&1

armed() {
    tries=0
    until [ -e "$dir/armed" ]; do
        tries=$((tries + 1))
        [ "$tries" -le 100 ] || return 1
        sleep 0.1 2>/dev/null || { sleep 1 && tries=$((tries + 9)); }
    done
}

# What is needed to go back, and what would.
forget() {
    rm -f "$dir/saved.tar" "$dir/ruleset" "$dir/rules" "$dir/iptables" "$dir/ip6tables" "$dir/undo" "$dir/keeper"
}

# What was saved and what starts the keeper is on the disk itself before the change is: a power cut may come right after it.
durable() {
    for file in "$units/$unit" "$units/multi-user.target.wants"; do
        [ ! -e "$units/$unit" ] || set -- "$@" "$file"
    done
    timeout 60 sync "$dir"/* "$dir" "$@"
} </dev/null >/dev/null 2>&1

# refuse REASON: nothing was changed, and nothing will be.
refuse() {
    claim refused
    retire
    forget
    printf '%s\n' "$1" >"$dir/refused"
    printf 'ERROR the lifeline could not be made: %s\n' "$1" >&2
    exit 1
}

# Everything that is needed to go back.
save() {
    list='' there=''
    for path in $paths; do
        { [ ! -e "$path" ] && [ ! -L "$path" ]; } || list="$list ${path#"$root"/}" there="$there $path"
    done
    { true >"$dir/list" && true >"$dir/said"; } || return 1
    # shellcheck disable=SC2086
    [ -z "$list" ] || { tar -C "$root/" -cf "$dir/saved.tar" $list && find $there ! -type d >"$dir/list"; } || return 1
    printf '%s\n' "$paths" >"$dir/paths" && printf '%s\n' "$seconds" >"$dir/seconds" || return 1
    true >"$dir/services" || return 1
    [ -z "$root" ] || return 0
    if command -v nft; then
        # It cannot read back everything that it lists: not what iptables made with extensions.
        { printf 'flush ruleset\n' && nft list ruleset; } >"$dir/ruleset" && nft -c -f "$dir/ruleset" ||
            { rm -f "$dir/ruleset" && nft -s list ruleset >"$dir/rules"; }
    fi
    if [ ! -e "$dir/ruleset" ] && command -v iptables-save; then
        iptables-save >"$dir/iptables"
        ip6tables-save >"$dir/ip6tables"
    fi
    has_systemd || return 0
    for service in ssh.service sshd.service ssh.socket slapd.service nslcd.service unscd.service nftables.service fail2ban.service; do
        printf '%s\n' "$service $(systemctl is-active "$service") $(systemctl is-enabled "$service")"
    done >"$dir/services"
} </dev/null >/dev/null 2>&1

# holds FOLDER: whether a lifeline may still put something back. As tied in job.sh.
holds() {
    [ -e "$1/armed" ] && [ ! -e "$1/released" ] && [ ! -e "$1/restored" ] || return 1
    case $(readlink "$1/decided" 2>/dev/null) in let-go | refused) return 1 ;; esac
}

run() {
    dir=$1 seconds=$2 longest=$3 undo=$4 paths=
    for path in $5; do
        paths="$paths $root$path"
    done
    shift 5
    name=${dir%/lifeline}
    unit=beffroi-lifeline-${name##*/}.service
    mkdir "$dir" || exit 1
    for other in "${dir%/*/*}"/*/lifeline; do
        [ "$other" = "$dir" ] || ! holds "$other" || refuse busy
    done
    for tool in tar find grep readlink timeout setsid; do
        command -v "$tool" >/dev/null || refuse "missing $tool"
    done
    printf '%s\n' "$keeper" 'case $1 in watch) watch ;; drop) shift 2 && drop "$@" ;; esac' >"$dir/keeper" && printf '%s' "$undo" >"$dir/undo" && save || refuse room
    sign "$dir/runs" || refuse process
    launch || refuse unarmed
    durable || refuse sync
    [ ! -e "$dir/rules" ] ||
        printf 'WARNING nft does not read its own rules back: should nobody get in, the firewall may not be put back completely\n' >&2
    # Only now, and with an end: what goes on after everything was put back would lock out again.
    (umask "$mask" && exec timeout -k 10 "$longest" "$@")
    status=$?
    true >"$dir/ended"
    exit "$status"
}

# Where it is. What is said of how it was put back are the names of its parts.
state() {
    said=''
    look
    if [ ! -d "$dir" ]; then
        say absent
    elif [ -e "$dir/refused" ]; then
        read -r said <"$dir/refused"
        say "refused ${said:-room}"
    elif [ "$who" = refused ]; then
        say 'refused room'
    elif [ -e "$dir/released" ] || [ "$who" = let-go ]; then
        say released
    elif [ -e "$dir/restored" ]; then
        read -r said <"$dir/restored"
        say "restored $said"
    elif [ "$who" = back ]; then
        say restoring
    elif [ -e "$dir/armed" ]; then
        say armed
    else
        say absent
    fi
}

release() {
    [ ! -e "$dir/armed" ] || claim let-go
    look
    if [ "$who" = let-go ]; then
        true >"$dir/released"
        retire
        forget
    fi
    state
}

# Asks the keeper, which no lost link ends; where it is gone, another one.
restore() {
    if [ -e "$dir/armed" ]; then
        true >"$dir/now"
        lives "$dir/armed" || (setsid sh "$dir/keeper" watch "$dir" </dev/null >/dev/null 2>&1 &)
        tries=0
        look
        until [ -e "$dir/restored" ] || [ "$who" = let-go ] || [ "$tries" -ge 150 ]; do
            tries=$((tries + 1))
            sleep 1
            look
        done
    fi
    state
}

if [ "$1" = run ]; then
    eval "$keeper"
    shift
    run "$@"
fi
say 'beffroi-lifeline 1'
state_base || exit 1
verb=$1
set -- "$verb" "$base/jobs/$2/lifeline"
eval "$keeper"
case $verb in
    state | release | restore) "$verb" ;;
esac
