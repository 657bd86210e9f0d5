# Tells which guests this host has, by every driver that is here, and what it has to give. Changes nothing here. POSIX sh:
# dash, bash, busybox ash. Comes on standard input, after the line that sets:
#   n  marks what this text says itself: unguessable, so that nothing the host or a guest prints can pass for it
# Sections stand between marks: "= NAME WORD", then "! STATUS" unless it was cut. Of files: ":FILE", " LINE".
# The number of processes does not grow with the number of guests.
# shellcheck disable=SC2154 # n

LC_ALL=C
PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/snap/bin
export LC_ALL PATH

has() {
  command -v "$1" >/dev/null 2>&1
}

# section NAME WORD MOST-BYTES PROGRAM...
section() {
  printf '\n%s = %s %s\n' "$n" "$1" "$2"
  most=$3
  shift 3
  {
    "$@" 2>/dev/null </dev/null
    printf '\n%s ! %s\n' "$n" "$?"
  } | head -c "$most"
}

# told NAME WORD MOST-BYTES TEXT: one that is known already
told() {
  printf '\n%s = %s %s\n' "$n" "$1" "$2"
  printf '%s\n' "$4" | head -c "$3"
  printf '\n%s ! 0\n' "$n"
}

# denied DRIVER WHAT
denied() {
  printf '\n%s - %s %s\n' "$n" "$1" "$2"
}

machine() {
  date '+%s %z'
  nproc 2>/dev/null || getconf _NPROCESSORS_ONLN
  while read -r key value _; do
    case $key in
      MemTotal: | MemAvailable:) echo "$key $value" ;;
    esac
  done </proc/meminfo
}

# The configurations in a folder, and what they include, each once. Of the environment only names leave the host.
lxc_configs() {
  printf '%s\n' "$1"/*/config | awk '
    function tell(file, line, count) {
      print ":" file
      while (count++ < 2000 && (getline line < file) > 0) {
        if (line ~ /^[ \t]*lxc\.environment/) {
          value = substr(line, index(line, "=") + 1)
          if (index(value, "=")) line = substr(line, 1, index(line, "=")) substr(value, 1, index(value, "=") - 1)
        }
        if (line ~ /^[ \t]*lxc\.(include|rootfs|arch|uts|net|mount|start|group|id|cgroup|console|environment|ephemeral)/ ||
            line ~ /^# (beffroi: |Template used)/) if (line !~ /^lxc\.cgroup2?\.devices/) print " " line
        if (line ~ /^[ \t]*lxc\.include[ \t]*=/) {
          sub(/^[^=]*=[ \t]*/, "", line)
          sub(/[ \t]*$/, "", line)
          # A folder cannot be read, and stops some awks.
          if (line ~ /^\/.*[^\/]$/ && line !~ /\.d$/ && !asked[line]++ && included < 64) includes[included++] = line
        }
      }
      close(file)
    }
    { tell($0) }
    END { for (next_one = 0; next_one < included; next_one++) tell(includes[next_one]) }'
}

# The guests of a folder in the form of `lxc-ls -f`, which costs several processes for each that runs. One runs where its monitor,
# which bears its name and is ours, has a first process as a child. Fails where sockets tell of one that is not seen so: LXC is asked then.
lxc_list() {
  {
    printf 'g %s\n' "$1"/*/config
    printf 'p %s\n' /proc/[0-9]*
  } | FOLDER=$1 OWN=$(id -u) awk '
    function first(file, line) {
      line = ""
      getline line < file
      close(file)
      return line
    }
    # What stands after a key in the status of a process.
    function of_status(place, key, line, found) {
      while (found == "" && (getline line < (place "/status")) > 0) if (index(line, key ":") == 1) found = substr(line, length(key) + 2)
      close(place "/status")
      return found
    }
    function first_child(place, pids, number, count, levels) {
      count = split(first(place "/task/" substr(place, 7) "/children"), pids, " ")
      for (number = 1; number <= count; number++)
        if (split(of_status("/proc/" pids[number], "NSpid"), levels, " ") > 1 && levels[2] == 1) return pids[number]
      return ""
    }
    BEGIN {
      folder = ENVIRON["FOLDER"]
      title = "[lxc monitor] " folder " "
      while ((getline line < "/proc/net/unix") > 0) {
        sockets++
        start = index(line, "@" folder "/")
        if (start && line ~ /\/command@*$/) {
          line = substr(line, start + length(folder) + 2)
          sub(/\/command@*$/, "", line)
          heard[line] = 1
        }
      }
    }
    /^g / {
      name = substr($0, length(folder) + 4, length($0) - length(folder) - 10)
      if (name != "*") { names[++count] = name; known[name] = 1 }
      next
    }
    {
      place = substr($0, 3)
      line = first(place "/cmdline")
      if (index(line, title) != 1) next
      # Some awks keep the zero byte that ends it.
      if (line !~ /[!-~]$/) line = substr(line, 1, length(line) - 1)
      name = substr(line, length(title) + 1)
      if (split(of_status(place, "Uid"), own, " ") < 1 || own[1] != ENVIRON["OWN"]) next
      child = first_child(place)
      if (child == "") next
      pid[name] = child
      if (!known[name]++) names[++count] = name
    }
    END {
      if (!sockets) exit 1
      for (name in heard) if (!(name in pid)) exit 1
      # A longer name of a socket is a hash.
      for (number = 1; number <= count; number++) if (!(names[number] in pid) && length(folder names[number]) > 90) exit 1
      print "STATE PID RAM SWAP AUTOSTART UNPRIVILEGED NAME"
      for (number = 1; number <= count; number++)
        print (names[number] in pid ? "RUNNING " pid[names[number]] : "STOPPED -"), "- - - -", names[number]
    }'
}

# Of each one that runs: its control group and its network, by its first process. Read from lines of the list.
lxc_live() {
  awk '
    function tell(file, name, line, count) {
      while (count++ < 400 && (getline line < file) > 0) print " " name " " line
      close(file)
    }
    function group(controller, path) {
      return "/sys/fs/cgroup" controller path
    }
    $2 ~ /^[0-9]+$/ && NR > 1 {
      pid = $2
      print ":" pid
      memory = cpu = freezer = unified = ""
      file = "/proc/" pid "/cgroup"
      while ((getline line < file) > 0) {
        split(line, part, ":")
        path = substr(line, length(part[1]) + length(part[2]) + 3)
        if (match(path, /lxc\.payload[^\/]*/)) path = substr(path, 1, RSTART + RLENGTH - 1)
        sub(/\/init\.scope$/, "", path)
        if (part[2] == "") unified = path
        if ("," part[2] "," ~ /,memory,/) memory = path
        if ("," part[2] "," ~ /,cpuacct,/) cpu = path
        if ("," part[2] "," ~ /,freezer,/) freezer = path
      }
      close(file)
      if (freezer != "") tell(group("/freezer", freezer) "/freezer.state", "frozen")
      else if (unified != "") tell(group("", unified) "/cgroup.events", "frozen")
      if (memory != "") {
        tell(group("/memory", memory) "/memory.usage_in_bytes", "memory")
        tell(group("/memory", memory) "/memory.memsw.usage_in_bytes", "memsw")
        tell(group("/memory", memory) "/memory.limit_in_bytes", "limit")
      } else if (unified != "") {
        tell(group("", unified) "/memory.current", "memory")
        tell(group("", unified) "/memory.swap.current", "swap")
        tell(group("", unified) "/memory.max", "limit")
      }
      if (cpu != "") tell(group("/cpuacct", cpu) "/cpuacct.usage", "cpu")
      else if (unified != "") tell(group("", unified) "/cpu.stat", "cpu")
      tell("/proc/" pid "/net/dev", "dev")
      tell("/proc/" pid "/net/if_inet6", "inet6")
      tell("/proc/" pid "/net/route", "route")
      file = "/proc/" pid "/net/fib_trie"
      last = ""
      while ((getline line < file) > 0) {
        if (line ~ /\|--/) { last = line; sub(/^.*\|-- */, "", last) }
        if (line ~ /\/32 host LOCAL/ && last != "" && !inet[pid, last]++) print " inet " last
      }
      close(file)
    }'
}

# What is in small files.
files() {
  awk '{ print ":" $0; file = $0; count = 0; while (count++ < 20 && (getline line < file) > 0) print " " line; close(file) }'
}

lxc_snapshots() {
  for file in "$1"/*/snaps/*/ts "$1"/*/snaps/*/comment; do
    [ ! -f "$file" ] || printf '%s\n' "$file"
  done | files
}

# The distribution, of roots that are folders. A guest may have put anything there: only small files are opened.
lxc_systems() {
  pairs=$(printf '%s\n' "$1"/*/config | awk '{
    file = $0
    while ((getline line < file) > 0) if (line ~ /^[ \t]*lxc\.rootfs(\.path)?[ \t]*=/) {
      sub(/^[^=]*=[ \t]*/, "", line)
      sub(/[ \t]*$/, "", line)
      print file
      kind = line
      sub(/:.*/, "", kind)
      if (kind == "dir" || line ~ /^\//) { sub(/^dir:/, "", line); print line }
      if (kind == "overlay" || kind == "overlayfs") for (last = split(line, part, ":"); last > 1; last--) print part[last]
    }
    close(file)
  }' | while IFS= read -r line; do
    case $line in
      */config)
        config=$line
        found=
        continue
        ;;
    esac
    [ ! "$found" ] || continue
    for file in "$line/usr/lib/os-release" "$line/etc/os-release"; do
      if [ -f "$file" ] && [ ! -h "$file" ]; then
        printf '%s\n%s\n' "$config" "$file"
        found=1
        break
      fi
    done
  done)
  [ "$pairs" ] || return 0
  set --
  while IFS= read -r config && IFS= read -r file; do
    set -- "$@" "$file"
  done <<END
$pairs
END
  {
    find "$@" -maxdepth 0 -type f -size -17
    echo
    printf '%s\n' "$pairs"
  } | awk '
    !listed && $0 == "" { listed = 1; next }
    !listed { small[$0] = 1; next }
    ++number % 2 { config = $0; next }
    $0 in small {
      print ":" config
      file = $0
      count = 0
      while (count++ < 40 && (getline line < file) > 0) if (line ~ /^(ID|VERSION_ID)=/) print " " substr(line, 1, 100)
      close(file)
    }'
}

# Loading a configuration is doing what it says, it may name a log file: only the folder that the machine's or the account's own
# settings name is looked at, and none that somebody who runs a container there could point to.
classic() {
  has lxc-ls || return
  path=$(lxc-config lxc.lxcpath 2>/dev/null)
  section lxc "${path:=/var/lib/lxc}" 4096 lxc-ls --version
  # What another than root cannot see is there all the same.
  [ "$path" = /var/lib/lxc ] || [ -r /var/lib/lxc ] || [ ! -d /var/lib/lxc ] || denied lxc /var/lib/lxc
  [ -d "$path" ] || return
  if [ ! -r "$path" ] || [ ! -x "$path" ]; then
    denied lxc "$path"
    return
  fi
  list=$(lxc_list "$path" 2>/dev/null) ||
    list=$(lxc-ls -P "$path" -f -F STATE,PID,RAM,SWAP,AUTOSTART,UNPRIVILEGED,NAME 2>/dev/null </dev/null)
  told lxc-list "$path" 1048576 "$list"
  section lxc-disk "$path" 4096 df -Pk "$path"
  [ "$list" ] || return
  section lxc-config "$path" 4194304 lxc_configs "$path"
  printf '\n%s = lxc-live %s\n' "$n" "$path"
  printf '%s\n' "$list" | {
    lxc_live 2>/dev/null
    printf '\n%s ! 0\n' "$n"
  } | head -c 8388608
  section lxc-snaps "$path" 1048576 lxc_snapshots "$path"
  section lxc-os "$path" 1048576 lxc_systems "$path"
}

# rest DRIVER CLIENT GROUP SOCKET...
rest() {
  driver=$1 client=$2 group=$3
  shift 3
  socket=
  for file in "$@"; do
    [ ! -S "$file" ] || {
      socket=$file
      break
    }
  done
  [ "$socket" ] || return
  ours=1
  if [ ! -w "$socket" ]; then
    ours=
  elif [ "${SUDO_USER-root}" != root ]; then
    # Root may; the account that became root, whose channel it would be, if it is of the group.
    case " $(id -Gn "$SUDO_USER" 2>/dev/null) " in
      *" $group "*) ;;
      *) ours= ;;
    esac
  fi
  told "$driver" - 4096 "$socket $ours"
  [ -w "$socket" ] || {
    denied "$driver" instances
    return
  }
  has "$client" || {
    printf '\n%s = %s-instances -\n\n%s ! 127\n' "$n" "$driver" "$n"
    return
  }
  section "$driver-server" - 262144 "$client" query /1.0
  section "$driver-instances" - 12582912 "$client" query '/1.0/instances?recursion=2&all-projects=true'
  section "$driver-images" - 2097152 "$client" query '/1.0/images?recursion=1&all-projects=true'
  section "$driver-projects" - 65536 "$client" query '/1.0/projects'
  pools=$("$client" query '/1.0/storage-pools?recursion=1' 2>/dev/null </dev/null)
  told "$driver-pools" - 262144 "$pools"
  # Names as the daemon allows them.
  printf '%s\n' "$pools" | sed -n 's/^.*"name" *: *"\([A-Za-z0-9][A-Za-z0-9._-]*\)".*$/\1/p' | head -n 16 | while read -r pool; do
    section "$driver-room" "$pool" 16384 "$client" query "/1.0/storage-pools/$pool/resources"
  done
  section "$driver-members" - 262144 "$client" query '/1.0/cluster/members?recursion=1'
}

proxmox_configs() {
  printf '%s\n' /etc/pve/nodes/*/lxc/*.conf /etc/pve/nodes/*/qemu-server/*.conf | awk '{
    print ":" $0
    file = $0
    count = 0
    while (count++ < 400 && (getline line < file) > 0) {
      if (line ~ /^(\[|[a-z]+[0-9]*:)/ && line !~ /^(cipassword|sshkeys|args|ciuser|cicustom|lxc):/) print " " line
    }
    close(file)
  }'
}

proxmox() {
  has pvesh || return
  if [ "$(id -u)" != 0 ]; then
    told proxmox - 4096 ''
    denied proxmox instances
    return
  fi
  section proxmox - 4096 pveversion
  section proxmox-resources - 8388608 pvesh get /cluster/resources --output-format json
  section proxmox-config - 4194304 proxmox_configs
  section proxmox-node - 4096 uname -n
  set --
  for file in /var/lib/vz/template/cache/* /mnt/pve/*/template/cache/*; do
    [ ! -f "$file" ] || set -- "$@" "$file"
  done
  [ $# -eq 0 ] || section proxmox-images - 1048576 ls -ln "$@"
}

section machine - 4096 machine
classic
rest incus incus incus-admin /run/incus/unix.socket /var/lib/incus/unix.socket
rest lxd lxc lxd /var/snap/lxd/common/lxd/unix.socket /var/lib/lxd/unix.socket
proxmox
printf '\n%s .\n' "$n"
