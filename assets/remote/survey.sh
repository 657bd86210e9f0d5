# Tells what this Linux host is: key=value lines between two markers, then the answers of its YunoHost, if it has one.
# Started as: sh -c TEXT beffroi-survey TEXT-OF-yunohost.py, with the survey for yunohost.py on standard input.
# POSIX sh: dash, bash, busybox ash. Changes nothing. A value it cannot find out is left out.

LC_ALL=C
PATH=$PATH:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin
export LC_ALL PATH
set -f
newline='
'

# say KEY VALUE: the first line of the value.
say() {
  [ -z "$2" ] || printf '%s=%s\n' "$1" "${2%%"$newline"*}"
}

first_line_of() {
  line=
  [ ! -r "$1" ] || IFS= read -r line <"$1" || :
  printf '%s' "$line"
}

# Read, never sourced: sourcing would run what stands in the file.
os_release() {
  for file in /etc/os-release /usr/lib/os-release; do
    [ -r "$file" ] || continue
    while IFS='=' read -r key value; do
      value=${value#[\"\']}
      value=${value%[\"\']}
      case $key in
        ID) say os_id "$value" ;;
        VERSION_ID) say os_version "$value" ;;
        PRETTY_NAME) say os_name "$value" ;;
      esac
    done <"$file"
    return
  done
}

memory() {
  [ -r /proc/meminfo ] || return
  while read -r key value _; do
    case $key in
      MemTotal:) say memory_total_kib "$value" ;;
      MemAvailable:) say memory_available_kib "$value" ;;
      SwapTotal:) say swap_total_kib "$value" ;;
      SwapFree:) say swap_free_kib "$value" ;;
    esac
  done </proc/meminfo
}

root_disk() {
  # shellcheck disable=SC2046 # the words of one line of df
  set -- $(df -kP / 2>/dev/null | tail -n 1)
  say disk_total_kib "${2-}"
  say disk_used_kib "${3-}"
  # shellcheck disable=SC2046
  set -- $(df -iP / 2>/dev/null | tail -n 1)
  say inodes_total "${2-}"
  say inodes_used "${3-}"
}

virtualisation() {
  if command -v systemd-detect-virt >/dev/null 2>&1; then
    systemd-detect-virt 2>/dev/null || :
  elif [ -r /run/systemd/container ]; then
    first_line_of /run/systemd/container
  elif [ -e /.dockerenv ]; then
    echo docker
  fi
}

facts() {
  say hostname "$(first_line_of /proc/sys/kernel/hostname)"
  os_release
  say kernel "$(uname -r)"
  say architecture "$(uname -m)"
  say uptime_seconds "$(first_line_of /proc/uptime)"
  say load "$(first_line_of /proc/loadavg)"
  say cpus "$(getconf _NPROCESSORS_ONLN 2>/dev/null || nproc 2>/dev/null || grep -c '^processor' /proc/cpuinfo 2>/dev/null)"
  memory
  root_disk
  say virtualisation "$(virtualisation)"
  say uid "$(id -u)"
  say user "$(id -un 2>/dev/null)"
  say clock "$(date +%s)"
  say python3 "$(command -v python3)"
  say yunohost "$(command -v yunohost)"
}

echo 'beffroi-survey/1 begin'
facts </dev/null 2>/dev/null | tr -d '\000-\011\013-\037\177' | cut -b 1-4096
echo 'beffroi-survey/1 end'

if command -v yunohost >/dev/null 2>&1 && command -v python3 >/dev/null 2>&1; then
  echo 'beffroi-yunohost/1 begin'
  python3 -I -c "$1"
  echo 'beffroi-yunohost/1 end'
fi
exit 0
