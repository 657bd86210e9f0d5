# Tells what this Linux host is. Changes nothing here. POSIX sh: dash, bash, busybox ash.
# Comes on standard input, after the lines that set:
#   n      marks what this text says itself: unguessable, so that nothing the host prints can pass for it
#   known  the state of packages of which the asker knows the upgrades
#   ask    1 when the package manager may be asked if that state is another
# One awk reads all files, then takes what the programs printed, and sends both: "=SECTION", ":FILE", " LINE",
# "!cut" where a section was longer than it may be, "!STATUS" where a program failed, "-SECTION REASON".
# shellcheck disable=SC2154 # those three

LC_ALL=C
PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH n

has() {
  command -v "$1" >/dev/null 2>&1
}

# section NAME MOST-BYTES
section() {
  printf '\n%s = %s %s\n' "$n" "$1" "$2"
}

# missing SECTION REASON
missing() {
  printf '\n%s - %s %s\n' "$n" "$1" "$2"
}

# run SECTION MOST-BYTES PROGRAM...
run() {
  section "$1" "$2"
  shift 2
  "$@" 2>/dev/null || printf '\n%s ! %s\n' "$n" "$?"
}

hints() {
  section hints 4096
  for file in /.dockerenv /run/.containerenv /dev/lxd/sock /dev/incus/sock /dev/.lxc /proc/vz /proc/bc /run/openrc /run/systemd/system \
    /run/systemd/timesync /run/systemd/timesync/synchronized /run/reboot-required /etc/pve /snap/bin/lxd \
    /usr/lib/postgresql/*/bin/postgres; do
    [ ! -e "$file" ] || echo "$file"
  done
  section programs 4096
  for program in python3 yunohost lxc-ls lxd incusd pveversion libvirtd virtqemud dockerd podman kubelet k3s nginx apache2 httpd caddy \
    haproxy mariadbd mysqld redis-server valkey-server postfix dovecot named unbound dnsmasq pdns_server nsd knotd slapd \
    exportfs smbd wg fail2ban-server borg restic proxmox-backup-client ufw sudo doas unattended-upgrade; do
    command -v "$program"
  done
  [ -r /etc/timezone ] || ! [ -h /etc/localtime ] || run zone 4096 readlink /etc/localtime
  [ -r /proc/sys/kernel/arch ] || run arch 64 uname -m
  if [ "$root" ] && [ ! -d /run/systemd/system ] && has tr; then
    run environ 4096 tr '\000' '\n' </proc/1/environ
  fi
}

# What is there and may not be read.
denied() {
  while read -r name file; do
    [ ! -e "$file" ] || [ -r "$file" ] || missing "$name" not-readable
  done <<END
shadow /etc/shadow
sudoers /etc/sudoers
sshd_config /etc/ssh/sshd_config
cron /var/spool/cron/crontabs
cron /etc/crontabs
certificates /etc/letsencrypt/live
certificates /etc/yunohost/certs
END
}

network() {
  if has ip; then run addresses 65536 ip -o addr show; else missing addresses no-tool; fi
  if has ss; then
    run ss 262144 ss -Hlntup
  elif has netstat; then
    run netstat 262144 netstat -lntup
  fi
  if [ ! "$root" ]; then
    missing firewall not-readable
  elif has nft; then
    run nft 65536 nft -s list ruleset
  elif has iptables; then
    run iptables 65536 iptables -S
  else
    missing firewall no-tool
  fi
}

services() {
  if [ -d /run/systemd/system ]; then
    run units 65536 systemctl list-units --all --plain --no-legend --no-pager --full --type=service,timer,socket,mount,swap,path
  elif [ -d /run/openrc ]; then
    section crashed 16384
    for file in /run/openrc/failed/*; do
      [ ! -e "$file" ] || echo "${file##*/}"
    done
    ! has rc-status || rc-status --crashed --nocolor 2>/dev/null
  else
    missing units no-tool
  fi
  [ ! "$root" ] || [ ! -x /usr/sbin/sshd ] || run sshd 32768 /usr/sbin/sshd -T
}

packages() {
  if has apt && [ -e /var/lib/dpkg/status ]; then
    state=$(stat -c %Y /var/lib/apt/lists /var/lib/dpkg/status 2>/dev/null)
    set -- apt list --upgradable
  elif has apk && [ -e /lib/apk/db/installed ]; then
    state=$(stat -c %Y /var/cache/apk /lib/apk/db/installed 2>/dev/null)
    set -- apk version -l '<'
  else
    missing upgrades no-tool
    return
  fi
  # shellcheck disable=SC2086,SC2116 # the times, one word each
  state="$1 "$(echo $state)
  if [ "$state" = "$known" ]; then
    section upgrades_known 64
  elif [ "$ask" = 1 ]; then
    run upgrades 524288 "$@"
  else
    missing upgrades not-asked
  fi
  section upgrades_state 256
  echo "$state"
}

# What root runs or trusts and somebody else may write.
loose() {
  has find || return
  set --
  for file in /etc/crontab /etc/cron.d /etc/cron.hourly /etc/cron.daily /etc/cron.weekly /etc/cron.monthly /etc/sudoers /etc/sudoers.d \
    /etc/passwd /etc/shadow /etc/group /etc/gshadow /etc/pam.d /etc/profile.d /etc/ssh /etc/ssh/sshd_config.d /etc/systemd/system \
    /usr/local/bin /usr/local/sbin; do
    [ ! -e "$file" ] || set -- "$@" "$file"
  done
  [ $# -eq 0 ] || run loose 16384 find "$@" -maxdepth 1 ! -type l '(' -perm -2 -o ! -user 0 ')'
}

programs() {
  run clock 64 date '+%s.%N %z'
  hints
  denied
  network
  services
  packages
  loose
}

# The files: "=SECTION MOST-BYTES HOW", then paths. HOW is what becomes of a line, see `keep` below.
read_all() {
  set -- =kernel:32768:a /proc/sys/kernel/hostname /proc/sys/kernel/osrelease /proc/sys/kernel/arch /proc/uptime /proc/loadavg \
    /proc/1/comm /run/systemd/container /etc/timezone /etc/machine-id /var/lib/dbus/machine-id /sys/hypervisor/type \
    /sys/class/dmi/id/sys_vendor /sys/class/dmi/id/product_name \
    =release:4096:a /etc/os-release =release2:4096:a /usr/lib/os-release =memory:1024:w /proc/meminfo =self:4096:w /proc/self/status \
    =cpu:4096:w /proc/cpuinfo =mounts:262144:m /proc/self/mounts \
    =interfaces:32768:a /sys/class/net/*/operstate /sys/class/net/*/address =if_inet6:32768:a /proc/net/if_inet6 \
    =routes:32768:r /proc/net/route /proc/net/ipv6_route =resolvers:4096:a /etc/resolv.conf \
    =groups:131072:a /etc/group =passwd:131072:u /etc/passwd =shadow:65536:s /etc/shadow \
    =sudoers:65536:h /etc/sudoers /etc/sudoers.d/* \
    =host_keys:32768:a /etc/ssh/ssh_host_*_key.pub =sshd_config:32768:h /etc/ssh/sshd_config.d/*.conf /etc/ssh/sshd_config \
    =cron:262144:h /etc/crontab /etc/cron.d/* /var/spool/cron/crontabs/* /etc/crontabs/* =cron_scripts:65536:n \
    /etc/cron.hourly/* /etc/cron.daily/* /etc/cron.weekly/* /etc/cron.monthly/* /etc/periodic/*/* \
    =kernels:8192:n /boot/vmlinuz-* =reboot:8192:a /run/reboot-required.pkgs =ufw:1024:h /etc/ufw/ufw.conf \
    =periodic:4096:t /etc/apt/apt.conf.d/* \
    =hardening:32768:a /proc/sys/kernel/randomize_va_space /proc/sys/kernel/kptr_restrict /proc/sys/kernel/dmesg_restrict \
    /proc/sys/kernel/unprivileged_bpf_disabled /proc/sys/kernel/yama/ptrace_scope /proc/sys/kernel/perf_event_paranoid \
    /proc/sys/kernel/kexec_load_disabled /proc/sys/kernel/sysrq /proc/sys/kernel/tainted /proc/sys/kernel/modules_disabled \
    /proc/sys/fs/protected_symlinks /proc/sys/fs/protected_hardlinks /proc/sys/fs/protected_fifos /proc/sys/fs/protected_regular \
    /proc/sys/fs/suid_dumpable /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv6/conf/all/forwarding /proc/sys/net/ipv4/tcp_syncookies \
    /proc/sys/net/ipv4/conf/all/rp_filter /proc/sys/net/ipv4/conf/all/accept_redirects /proc/sys/net/ipv4/conf/all/send_redirects \
    /proc/sys/net/ipv4/conf/all/accept_source_route /sys/kernel/security/lsm /sys/kernel/security/lockdown \
    /sys/module/apparmor/parameters/enabled /sys/fs/selinux/enforce /sys/devices/system/cpu/vulnerabilities/* \
    =references:65536:c /etc/nginx/nginx.conf /etc/nginx/conf.d/*.conf /etc/nginx/sites-enabled/* /etc/apache2/sites-enabled/* \
    /etc/httpd/conf.d/*.conf =certificates:262144:p /etc/yunohost/certs/*/crt.pem /etc/letsencrypt/live/*/fullchain.pem \
    /etc/pve/local/pve-ssl.pem "$@"
  awk '
function begin(name, most, how) { print "=" name; left = most; cut = 0; kind = how }
function put(line) {
  if (cut) return
  if (length(line) > 16384) line = substr(line, 1, 16384) "\n!cut"
  left -= length(line) + 2
  if (left < 0) { print "!cut"; cut = 1; return }
  if (FILE != "") { print ":" FILE; FILE = "" }
  print " " line
}
function quoted(word) { gsub(quote, quote "\\" quote quote, word); return quote word quote }
function account(line,   f) {
  if (split(line, f, ":") < 7 || (f[3] != 0 && f[7] ~ /(nologin|false|sync|halt|shutdown)$/) || f[1] in login) return
  login[f[1]] = 1
  put(line)
  if (++logins <= 200) homes = homes " " quoted(f[1]) " " quoted(f[6])
}
function disk(line,   f, many) {
  many = split(line, f, " ")
  if (many < 4) return
  if (f[3] ~ /lxcfs/ && !lxcfs++) put("lxcfs")
  if (f[2] != "/" && (f[3] !~ local || (f[3] !~ /^(zfs|bcachefs)$/ && f[1] in device))) return
  device[f[1]] = 1
  put(line)
  if (++disks > 64) return
  gsub(/\\040/, " ", f[2]); gsub(/\\011/, "\t", f[2]); gsub(/\\134/, "\\", f[2])
  mounts = mounts " " quoted(f[2])
}
function keep(line,   f) {
  if (kind == "h") { if (line !~ /^[ \t]*(#[^i]|#$|$)/) put(line) }
  else if (kind == "u") account(line)
  else if (kind == "m") disk(line)
  else if (kind == "s") {
    split(line, f, ":")
    if (f[1] in login) put(f[1] " " (f[2] == "" ? "empty" : f[2] ~ /^[!*]|^x$/ ? "locked" : "set"))
  }
  else if (kind == "r") {
    split(line, f, " ")
    if (name ~ /ipv6/ ? f[1] ~ /^0+$/ && f[2] == "00" && f[10] != "lo" : f[2] == "00000000" && f[8] == "00000000") put(line)
  }
  else if (kind == "l") { split(line, f, " "); if (f[4] == "0A" || (f[4] == "07" && name ~ /udp/)) put(line) }
  else if (kind == "w") {
    if (line == "") return 1
    if (line ~ /^(MemTotal|MemAvailable|Swap(Total|Free)|Uid|Cpus_allowed_list):|^flags.* hypervisor/) put(substr(line, 1, 80))
  }
  else if (kind == "t") { if (line ~ /^[ \t]*APT::Periodic(::(Enable|Unattended-Upgrade)[ \t]|[ \t]*[{])/) put(line) }
  else if (kind == "c") {
    sub(/^[ \t]+/, "", line)
    if (line !~ /^(ssl_certificate|SSLCertificateFile)[ \t]/) return
    sub(/^[^ \t]+[ \t]+/, "", line); sub(/[ \t]*;.*$/, "", line); gsub(/["\r]/, "", line)
    if (line ~ /^\// && !(line in referred)) { referred[line] = 1; order[++references] = line }
  }
  else if (kind == "p") {
    if (line ~ /^-----BEGIN CERTIFICATE-----/) inside = 1
    if (inside) put(line)
    if (line ~ /^-----END CERTIFICATE-----/) return 1
  }
  else put(line)
  return 0
}
function take(path,   line, first) {
  if (path ~ /\*/ || (kind == "p" && (path in taken || ++certificates > 64))) return
  if (kind == "p") taken[path] = 1
  name = path
  gsub(/\n/, "?", name)
  if (kind == "n") { put(name); return }
  FILE = name
  inside = 0
  while (!cut && (getline line < path) > 0) if (keep(line)) break
  close(path)
  FILE = ""
}
# Accounts that stand in a directory service.
function others(   line, foreign) {
  while ((getline line < "/etc/nsswitch.conf") > 0)
    if (line ~ /^passwd:/) {
      sub(/^passwd:/, "", line); gsub(/\[[^]]*\]/, "", line); gsub(/files|systemd|compat|db|[ \t]/, "", line)
      foreign = line != ""
    }
  close("/etc/nsswitch.conf")
  if (!foreign) return
  line = "timeout 5 getent passwd 2>/dev/null </dev/null"
  while (!cut && (line | getline foreign) > 0) account(foreign)
  close(line)
}
# What is asked about paths that files gave: keys of accounts, sizes of disks.
function ask(   command, line) {
  command = "set --" homes "; while [ $# -gt 1 ]; do" \
    " if [ -d \"$2\" ] && { [ ! -x \"$2\" ] || { [ -d \"$2/.ssh\" ] && [ ! -x \"$2/.ssh\" ]; }; }; then echo \"$n - keys not-readable\"; fi;" \
    " for f in \"$2/.ssh/authorized_keys\" \"$2/.ssh/authorized_keys2\" \"/etc/ssh/authorized_keys/$1\"; do if [ -f \"$f\" ]; then" \
    " if [ -r \"$f\" ]; then echo \"$n : $1 $f\"; head -c 65537 \"$f\"; echo; else echo \"$n - keys not-readable\"; fi; fi; done;" \
    " shift 2; done; echo \"$n = sizes 32768\"; stat -f -c \"%S %b %f %a %c %d %n\"" mounts
  begin("keys", 524288, "keys")
  command = "{ " command "; } </dev/null 2>/dev/null"
  while ((command | getline line) > 0) said(line)
  close(command)
}
# A line of a file that a person of the host writes. It may be a link to what only root reads: nothing but public keys
# is taken of it, and one that goes on after its limit is told, for keys could stand there.
function key(line) {
  bytes += length(line) + 1
  if (bytes > 65537) { if (!hidden) print "!cut"; hidden = 1 }
  else if (line ~ /(ssh|ecdsa|sk)-[^ \t]*[ \t]+AAAA/ && line !~ /^[ \t]*#/) put(line)
}
# A line of a program, or of the shell about it.
function said(line,   f, mark) {
  mark = length(nonce)
  if (substr(line, 1, mark + 1) != nonce " ") {
    if (kind == "nft") filter(line)
    else if (kind == "units") { if (line ~ /^[^ ]+\.timer |[ ]failed |^(fail2ban|crowdsec|sshguard|yunohost-api)\.service /) put(line) }
    else if (kind == "keys") key(line)
    else if (kind == "environ") { if (line ~ /^container=/) put(line) }
    else if (line != "") put(line)
    return
  }
  line = substr(line, mark + 2)
  split(line, f, " ")
  if (f[1] == "=") {
    if (kind == "nft") put("rules " rules + 0)
    begin(f[2], f[3], f[2])
  }
  else if (f[1] == "!") print "!" f[2]
  else if (f[1] == ":") { print ":" substr(line, 3); bytes = 0; hidden = 0 }
  else if (!(line in absent)) { absent[line] = 1; print "-" f[2] " " f[3] }
}
# Of nft(8): its chains with what they do by themselves, and how many rules there are.
function filter(line) {
  if (line ~ /^table /) table = line
  else if (line ~ /^\t(chain|set|map|flowtable|counter|quota|ct) /) { chain = line ~ /^\tchain / ? line : "" }
  else if (line ~ /^\t\ttype .*hook /) put(table chain line)
  else if (line ~ /^\t\t[^\t}]/ && chain != "") rules++
}
BEGIN {
  quote = sprintf("%c", 39)
  nonce = ENVIRON["n"]
  local = "^(ext[234]|xfs|btrfs|zfs|f2fs|jfs|vfat|exfat|ntfs3?|fuseblk|bcachefs|virtiofs|ubifs|jffs2)$"
  for (i = 1; i < ARGC; i++)
    if (substr(ARGV[i], 1, 1) == "=") {
      if (kind == "u") others()
      split(substr(ARGV[i], 2), field, ":")
      begin(field[1], field[2], field[3])
    } else take(ARGV[i])
  kind = "p"
  for (i = 1; i <= references; i++) take(order[i])
  ARGC = 1
  ask()
}
{ said($0) }
END { said(nonce " = end 0") }' "$@"
}

# part NAME MOST-BYTES TEXT: a question of another part of the program.
part() {
  printf '\n%s part %s\n' "$n" "$1"
  {
    (eval "$3") </dev/null 2>&1
    printf '\n%s status %s\n' "$n" "$?"
  } | head -c "$2"
}

survey() {
  printf '\n%s survey\n' "$n"
  root=
  [ ! -r /proc/1/environ ] || root=1
  set --
  has ss || set -- =listening:262144:l /proc/net/tcp /proc/net/tcp6 /proc/net/udp /proc/net/udp6
  programs </dev/null 2>/dev/null | read_all "$@" 2>/dev/null
  printf '\n%s parts\n' "$n"
}
