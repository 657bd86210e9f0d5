# What stands between a name and a port, as this machine sees it. POSIX sh; reads only.
# Before it stands "mark=…": unguessable, it begins each part, so that nothing that is printed passes for another.
# Arguments: "host" or "guest", the name that is looked up (may be empty). Each part is cut at 1 MiB.
place=$1 name=$2
PATH=$PATH:/usr/sbin:/sbin
part() { printf '\n%s %s\n' "$mark" "$1"; }
most() { head -c 1048576; }

part sockets
cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk '$4 == "0A" { print $2, $10 }' | most
part owners
# Who has which socket: the number, the process, its name.
ls -l /proc/[0-9]*/fd 2>/dev/null | awk '
    /^\/proc\// { split($1, path, "/"); pid = path[3]; next }
    / -> socket:\[/ {
        number = $NF
        gsub(/[^0-9]/, "", number)
        if (!(pid in name)) {
            name[pid] = ""
            file = "/proc/" pid "/comm"
            if ((getline line < file) > 0) name[pid] = line
            close(file)
        }
        if (name[pid] != "") print number, pid, name[pid]
    }' | most
part addresses
{ ip -o addr show 2>/dev/null || ifconfig 2>/dev/null; } | most
[ "$place" = host ] || exit 0

part resolved
[ -z "$name" ] || getent ahosts "$name" 2>/dev/null | head -n 64
part nft
nft -j list ruleset 2>/dev/null | most
part iptables
iptables-save 2>/dev/null | most
part nginx
nginx -T 2>/dev/null | most
part published
for file in /etc/beffroi/forwards/*; do
    case ${file##*/} in *[!0-9]*) ;; *) printf 'forward %s %s\n' "${file##*/}" "$(head -c 512 "$file" | head -n 1)" ;; esac
done | most
for file in /etc/nginx/http.d/beffroi-*.conf /etc/nginx/conf.d/beffroi-*.conf; do
    [ ! -f "$file" ] || printf 'site %s %s\n' "${file%/*}" "$(head -c 1024 "$file" | head -n 1)"
done | most
part fixed
# Addresses that are some guest's whatever DHCP does: of its own configuration, or of the bridge's.
{
    grep -h '^ *lxc\.net\.[0-9]*\.ipv4\.address' /var/lib/lxc/*/config
    grep -h '^dhcp-host' /etc/lxc/dnsmasq*.conf
    grep -ho 'ip=[0-9.]*' /etc/pve/lxc/*.conf
    cat /var/lib/incus/networks/*/dnsmasq.hosts/* /var/lib/lxd/networks/*/dnsmasq.hosts/* /var/snap/lxd/common/lxd/networks/*/dnsmasq.hosts/*
} 2>/dev/null | grep -oE '([0-9]+\.){3}[0-9]+' | most
part has
for program in nft iptables nginx; do ! command -v "$program" >/dev/null || echo "$program"; done
if [ -d /run/systemd/system ]; then echo systemd; elif [ -d /run/openrc ]; then echo openrc; fi
[ ! -d /etc/yunohost ] || echo yunohost
exit 0
