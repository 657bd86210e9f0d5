# Leads a port of this host into a guest, or no more: only what stands here under the mark of that guest is ever changed.
#   set -- VERB ARG…; THIS
#     forward PORT MARK ADDRESS TO | no-forward PORT MARK         a rule in a table of our own, loaded again at each boot
#     site FOLDER NAME PORT MARK ADDRESS TO [CERTIFICATE KEY] | no-site FOLDER NAME PORT MARK      a server of nginx
#     device CLIENT PROJECT GUEST PORT TO | no-device CLIENT PROJECT GUEST PORT                    a proxy device of Incus or LXD
#   Each with `is-` before it reads only, and says whether it is so. MARK: DRIVER:PROJECT:NAME of the guest, without blanks.
# Exits well only when it is so, and may be begun again wherever it was cut. Says each command that changes something, after `+ `.
# POSIX sh, awk. Comes after step.sh.

umask 022
verb=$1
shift
home=/etc/beffroi
forwards=$home/forwards
loader=$home/forwards.sh
unit=beffroi-forwards

# kept FILE MODE: standard input becomes that file, whole or not at all; one that says the same is left alone.
kept() {
    cat >"$1.beffroi-new" && chmod "$2" "$1.beffroi-new" || fail "$1 cannot be written"
    if cmp -s "$1.beffroi-new" "$1"; then rm -f "$1.beffroi-new"; return; fi
    echo "+ write $1"
    sync
    mv -f "$1.beffroi-new" "$1" || fail "$1 cannot be written"
}

# --- Forwards: a file for each port, ADDRESS TO MARK; a loader that makes rules of them, and what runs it at boot. ---

loader_text() {
    cat <<'LOADER'
#!/bin/sh
# Written by Beffroi. Loads the ports of this host that lead into guests: each file of /etc/beffroi/forwards is called by a port
# and says where that leads: ADDRESS PORT GUEST. "stop" takes the rules away.
export LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"
each() {
    for file in /etc/beffroi/forwards/*; do
        port=${file##*/}
        case $port in *[!0-9]*) continue ;; esac
        [ -f "$file" ] && read -r address to guest <"$file" && "$@" || return 1
    done
}
nft_rule() { echo "fib daddr type local tcp dport $port dnat to $address:$to comment \"beffroi $guest\""; }
nft_table() {
    echo 'table ip beffroi {}'
    echo 'delete table ip beffroi'
    [ "$1" != stop ] || return 0
    echo 'table ip beffroi {'
    echo 'chain prerouting {'
    echo 'type nat hook prerouting priority -100; policy accept;'
    each nft_rule || return 1
    printf '}\n}\n'
}
iptables_rule() {
    iptables -w -t nat -A BEFFROI -p tcp -m addrtype --dst-type LOCAL --dport "$port" -j DNAT --to-destination "$address:$to" &&
        iptables -w -A BEFFROI -p tcp -d "$address" --dport "$to" -m conntrack --ctstate DNAT -j ACCEPT
}
iptables_chains() {
    for table in nat:PREROUTING filter:FORWARD; do
        where=${table#*:} table=${table%:*}
        if [ "$1" = stop ]; then
            iptables -w -t "$table" -D "$where" -j BEFFROI 2>/dev/null
            iptables -w -t "$table" -F BEFFROI 2>/dev/null
            iptables -w -t "$table" -X BEFFROI 2>/dev/null
            continue
        fi
        iptables -w -t "$table" -N BEFFROI 2>/dev/null || iptables -w -t "$table" -F BEFFROI || return 1
        iptables -w -t "$table" -C "$where" -j BEFFROI 2>/dev/null || iptables -w -t "$table" -I "$where" -j BEFFROI || return 1
    done
    [ "$1" = stop ] || each iptables_rule
}
if command -v nft >/dev/null; then
    rules=$(nft_table "${1:-start}") && printf '%s\n' "$rules" | nft -f - || exit 1
else
    iptables_chains "${1:-start}" || exit 1
fi
[ "${1:-start}" = stop ] || [ "$(cat /proc/sys/net/ipv4/ip_forward)" = 1 ] || echo 1 >/proc/sys/net/ipv4/ip_forward
LOADER
}
# A firewall that is loaded again takes all rules away: then these are loaded again too.
unit_text() {
    cat <<UNIT
# Written by Beffroi.
[Unit]
Description=Ports that lead into guests (Beffroi)
After=network-pre.target nftables.service
PartOf=nftables.service
ReloadPropagatedFrom=nftables.service
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=$loader start
ExecReload=$loader start
ExecStop=$loader stop
[Install]
WantedBy=multi-user.target nftables.service
UNIT
}
init_text() {
    cat <<INIT
#!/sbin/openrc-run
# Written by Beffroi.
description="Ports that lead into guests (Beffroi)"
depend() { after firewall nftables iptables net; }
start() { $loader start; }
stop() { $loader stop; }
INIT
}
boot() {
    if [ -d /run/systemd/system ]; then echo systemd; elif [ -d /run/openrc ]; then echo openrc; fi
}
mark_of() {
    awk 'NR == 1 { print $3 }' "$forwards/$1" 2>/dev/null
}
forward() {
    there=$(mark_of "$1")
    [ -z "$there" ] || [ "$there" = "$2" ] || fail "port $1 leads into $there already"
    [ -n "$(boot)" ] || fail 'nothing here would load a rule at boot: neither systemd nor OpenRC'
    mkdir -p -m 755 "$home" "$forwards" || fail "$forwards cannot be made"
    loader_text | kept "$loader" 755 || exit 1
    echo "$3 $4 $2" | kept "$forwards/$1" 644 || exit 1
    case $(boot) in
        systemd)
            unit_text | kept "/etc/systemd/system/$unit.service" 644 || exit 1
            run systemctl daemon-reload
            run systemctl --quiet enable "$unit.service" || fail "$unit is not begun at boot"
            run systemctl reload-or-restart "$unit.service" ;;
        openrc)
            init_text | kept "/etc/init.d/$unit" 755 || exit 1
            [ -e "/etc/runlevels/default/$unit" ] || run rc-update add "$unit" default || fail "$unit is not begun at boot"
            if rc-service --quiet "$unit" status >/dev/null 2>&1; then run "$loader" start; else run rc-service --quiet "$unit" start; fi ;;
    esac || fail "the rules are not loaded: $("$loader" start 2>&1 | head -n 3)"
}
no_forward() {
    there=$(mark_of "$1")
    [ -z "$there" ] || [ "$there" = "$2" ] || fail "port $1 leads into $there: that is left as it is"
    rm -f "$forwards/$1.beffroi-new"
    [ ! -e "$forwards/$1" ] || run rm -f "$forwards/$1"
    [ -e "$loader" ] || return 0
    if rmdir "$forwards" 2>/dev/null || [ ! -d "$forwards" ]; then
        # It was the last one.
        run "$loader" stop
        case $(boot) in
            systemd)
                systemctl --quiet disable --now "$unit.service" </dev/null 2>/dev/null
                rm -f "/etc/systemd/system/$unit.service"
                run systemctl daemon-reload ;;
            openrc)
                rc-service --quiet "$unit" stop </dev/null 2>/dev/null
                rc-update --quiet del "$unit" </dev/null 2>/dev/null
                rm -f "/etc/init.d/$unit" ;;
        esac
        run rm -f "$loader"
        rmdir "$home" 2>/dev/null
        return 0
    fi
    run "$loader" start || fail 'the rules are not loaded'
}
# The rule of a port, as it is loaded; nothing where there is none.
loaded() {
    if command -v nft >/dev/null; then
        nft list table ip beffroi 2>/dev/null | awk -v port="$1" '{ for (at = 1; at < NF; at++) if ($at == "dport" && $(at + 1) == port) print $0 }'
    else
        iptables-save -t nat 2>/dev/null | awk -v port="$1" '$2 == "BEFFROI" { for (at = 1; at < NF; at++) if ($at == "--dport" && $(at + 1) == port) print $0 }'
    fi
}
is_forward() {
    rule=$(loaded "$1")
    [ "$(cat "$forwards/$1" 2>/dev/null)" = "$3 $4 $2" ] || fail "$forwards/$1 does not lead to $3:$4"
    case " $rule " in *" $3:$4 "*) ;; *) fail "no rule that is loaded leads port $1 to $3:$4" ;; esac
    [ "$(cat /proc/sys/net/ipv4/ip_forward)" = 1 ] || fail 'this host forwards nothing: net.ipv4.ip_forward is 0'
    case $(boot) in
        systemd) systemctl --quiet is-enabled "$unit.service" ;;
        *) [ -e "/etc/runlevels/default/$unit" ] ;;
    esac || fail "$unit is not begun at boot"
    echo "$rule"
}
is_no_forward() {
    [ -z "$(loaded "$1")" ] && [ ! -e "$forwards/$1" ] || fail "port $1 still leads to $(cat "$forwards/$1" 2>/dev/null)"
    echo "no rule of ours for port $1"
}

# --- Sites: a file for each name and port among those that nginx reads. ---

site_file() {
    file=$1/beffroi-$2-$3.conf
}
site_text() {
    tls='' v6=''
    [ -z "$6" ] || tls=' ssl'
    [ ! -e /proc/net/if_inet6 ] || v6="
    listen [::]:$2$tls;"
    cat <<SITE
# Written by Beffroi for $3: $1 $2 $4:$5
server {
    listen $2$tls;$v6
    server_name $1;
SITE
    [ -z "$6" ] || printf '    ssl_certificate "%s";\n    ssl_certificate_key "%s";\n' "$6" "$7"
    cat <<SITE
    location / {
        proxy_pass http://$4:$5;
        proxy_http_version 1.1;
        proxy_set_header Host \$host;
        proxy_set_header X-Real-IP \$remote_addr;
        proxy_set_header X-Forwarded-For \$proxy_add_x_forwarded_for;
        proxy_set_header X-Forwarded-Proto \$scheme;
    }
}
SITE
}
# ours FILE MARK: fails where the file is there and not that guest's.
ours() {
    [ -e "$1" ] || return 0
    [ "$(awk 'NR == 1 { print $6 }' "$1" | sed 's/:$//')" = "$2" ] || fail "$1 is not of $2: it is left as it is"
}
refused() {
    nginx -t 2>&1 | grep -E 'emerg|error' | head -n 3
}
reload() {
    nginx_runs || fail 'nginx does not run'
    if [ -d /run/systemd/system ] && systemctl --quiet is-active nginx.service; then
        run systemctl reload nginx.service
    elif [ -d /run/openrc ] && [ -x /etc/init.d/nginx ]; then
        run rc-service --quiet nginx reload
    else
        run nginx -s reload
    fi || fail 'nginx is not reloaded'
}
nginx_runs() {
    grep -lx nginx /proc/[0-9]*/comm 2>/dev/null | grep -q .
}
listened() {
    wanted=$(printf '%04X' "$1")
    cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk -v port="$wanted" '$4 == "0A" && $2 ~ ":" port "$" { found = 1 } END { exit !found }'
}
# await_listener PORT
await_listener() {
    tries=0
    until listened "$1"; do
        [ "$tries" -lt 10 ] || fail "nobody listens on port $1"
        tries=$((tries + 1))
        sleep 1
    done
}
site() {
    site_file "$1" "$2" "$3"
    ours "$file" "$4"
    [ -d "$1" ] || fail "there is no folder $1"
    nginx_runs || fail 'nginx does not run'
    # What an interrupted try left: what was there before, while it was not known to be well.
    before=$file.beffroi-before
    [ ! -e "$before" ] || mv -f "$before" "$file"
    nginx -t >/dev/null 2>&1 || {
        [ -e "$file" ] || fail "nginx refuses what it has already: $(refused)"
        # Where ours is not the reason, it stays.
        mv -f "$file" "$before" || fail "$before cannot be written"
        nginx -t >/dev/null 2>&1 || {
            why=$(refused)
            mv -f "$before" "$file"
            fail "nginx refuses what it has already: $why"
        }
        rm -f "$before"
    }
    site_text "$2" "$3" "$4" "$5" "$6" "${7:-}" "${8:-}" >"$file.beffroi-new" || fail "$file cannot be written"
    if cmp -s "$file.beffroi-new" "$file"; then
        rm -f "$file.beffroi-new"
    else
        echo "+ write $file"
        [ ! -e "$file" ] || cp -p "$file" "$before" || fail "$before cannot be written"
        mv -f "$file.beffroi-new" "$file" || fail "$file cannot be written"
        echo '+ nginx -t'
        nginx -t >/dev/null 2>&1 || {
            why=$(refused)
            if [ -e "$before" ]; then mv -f "$before" "$file"; else rm -f "$file"; fi
            fail "nginx refuses it, and has what it had before: $why"
        }
        rm -f "$before"
        sync
    fi
    reload
}
no_site() {
    site_file "$1" "$2" "$3"
    ours "$file" "$4"
    rm -f "$file.beffroi-before" "$file.beffroi-new"
    # Also where it was removed before: nginx may not have been told yet.
    [ ! -e "$file" ] || run rm -f "$file"
    sync
    nginx_runs || return 0
    nginx -t >/dev/null 2>&1 || fail "the server is removed, and nginx refuses what is left: $(refused)"
    reload
}
is_site() {
    site_file "$1" "$2" "$3"
    [ "$(site_text "$2" "$3" "$4" "$5" "$6" "${7:-}" "${8:-}")" = "$(cat "$file" 2>/dev/null)" ] || fail "$file is not as it has to be"
    nginx -T 2>/dev/null | grep -qxF "# configuration file $file:" || fail "nginx does not read $file"
    await_listener "$3"
    head -n 1 "$file"
}
is_no_site() {
    site_file "$1" "$2" "$3"
    [ ! -e "$file" ] || fail "$file is still there"
    echo "no $file"
}

# --- Devices: the daemon keeps them, and takes the port itself. ---

by() {
    run "$client" "$@" --project "$project"
}
ask() {
    "$client" "$@" --project "$project" </dev/null
}
device_named() {
    client=$1 project=${2:-default} guest=$3 name=beffroi-$4
}
# Whether the daemon has the guest; one that does not answer has not said so.
is_guest() {
    known=$(ask list "^$guest\$" --format csv --columns n) || fail "$client does not answer"
    [ -n "$known" ]
}
is_there() {
    devices=$(ask config device list "$guest") || fail "$client does not answer"
    printf '%s\n' "$devices" | grep -qxF "$name"
}
device() {
    device_named "$1" "$2" "$3" "$4"
    if ! is_there; then
        by config device add "$guest" "$name" proxy "listen=tcp:0.0.0.0:$4" "connect=tcp:127.0.0.1:$5" || fail "$client does not take the device"
    elif [ "$(ask config device get "$guest" "$name" connect)" != "tcp:127.0.0.1:$5" ]; then
        by config device set "$guest" "$name" "connect=tcp:127.0.0.1:$5" || fail "$client does not take the device"
    fi
}
no_device() {
    device_named "$1" "$2" "$3" "$4"
    is_guest || return 0
    ! is_there || by config device remove "$guest" "$name" || fail "$name is still there"
}
is_device() {
    device_named "$1" "$2" "$3" "$4"
    found="$(ask config device get "$guest" "$name" listen) $(ask config device get "$guest" "$name" connect)"
    [ "$found" = "tcp:0.0.0.0:$4 tcp:127.0.0.1:$5" ] || fail "$name leads from $found"
    if ask list "^$guest\$" --format csv --columns s | grep -qx RUNNING; then
        await_listener "$4"
    fi
    echo "$name: $found"
}
is_no_device() {
    device_named "$1" "$2" "$3" "$4"
    ! is_guest || ! is_there || fail "$name is still there"
    echo "no $name"
}

case $verb in
    forward) forward "$@" ;;
    no-forward) no_forward "$@" ;;
    is-forward) is_forward "$@" ;;
    is-no-forward) is_no_forward "$@" ;;
    site) site "$@" ;;
    no-site) no_site "$@" ;;
    is-site) is_site "$@" ;;
    is-no-site) is_no_site "$@" ;;
    device) device "$@" ;;
    no-device) no_device "$@" ;;
    is-device) is_device "$@" ;;
    is-no-device) is_no_device "$@" ;;
    *) fail "$verb is not understood" ;;
esac
