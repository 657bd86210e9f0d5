# Tells which processes are kept on this host, by every keeper that is here: systemd, OpenRC, the pm2 of each account. Changes
# nothing here and starts no daemon. POSIX sh: dash, bash, busybox ash. Comes on standard input, after pm2.sh and the line that sets:
#   n  a mark: what stands before "$n begin" and after "$n end" is not of this text
# and maybe those that set `only`, the one keeper that is asked, and of it `unit`, the one of systemd, or `whose`, the account of pm2.
# Each line begins with a letter of this text's own, so that nothing a program or a file says can pass for anything else:
#   k KEEPER VERSION            a keeper of the system
#   u PROPERTY=VALUE            of a unit of systemd; "u " between two units
#   s LINE                      of rc-status
#   r LEVEL/NAME                a service in a runlevel of OpenRC
#   i NAME KEY VALUE            of a service of OpenRC: its script, what it said of itself when it started, its first process
#   p ACCOUNT HOME RUNS VERSION an account that has a pm2; then of it:
#   j JSON | d JSON             a process that it keeps; a name that it would bring back
#   x KEEPER WHY [ACCOUNT]      what could not be read: not-allowed, no-program, failed
# shellcheck disable=SC2154 # n, find_pm2, only, unit, whose

TZ=UTC
export TZ

# lines LETTER MOST-BYTES: what comes, each line with its letter
lines() {
  head -c "$2" | sed "s/^/$1 /"
  echo
}

units() {
  if [ -n "$unit" ]; then
    echo "$unit"
    return
  fi
  {
    systemctl list-units --all --plain --no-legend --no-pager --type=service
    systemctl list-unit-files --no-legend --no-pager --type=service
  } 2>/dev/null </dev/null | awk '{ for (at = 1; at <= 2; at++) if ($at ~ /\.service$/) { if ($at !~ /@\.service$/ && !seen[$at]++ && count++ < 3000) print $at; break } }'
}

systemd() {
  echo "k systemd $(systemctl --version 2>/dev/null </dev/null | awk 'NR == 1 { print $2 }')"
  # shellcheck disable=SC2046 # Names of units have no spaces.
  patient systemctl show --no-pager --property=Id,Names,LoadState,ActiveState,SubState,UnitFileState,MainPID,MemoryCurrent,NRestarts,Description,StateChangeTimestamp,Result,Type,TriggeredBy,FragmentPath,WantedBy -- $(units) </dev/null 2>/dev/null | lines u 6000000
}

# The first process of each service by its pidfile. That may stand in a folder of the service's account: only what is a file is
# opened, and no more of it than a number.
pidfiles() {
  for file in /run/openrc/options/*/pidfile /run/openrc/daemons/*/*; do
    [ -f "$file" ] || continue
    name=${file%/*}
    case $file in
      */pidfile) pidfile=$(head -n 1 "$file") ;;
      *) pidfile=$(sed -n '/^pidfile=/{s///p;q;}' "$file") ;;
    esac
    case $pidfile in
      /*.pid) [ ! -f "$pidfile" ] || printf '=%s %s\n' "${name##*/}" "$(head -c 20 "$pidfile" | head -n 1)" ;;
    esac
  done
}

# Of the files that are named: what a script says of its service, and what OpenRC noted of it; and of `=SERVICE NUMBER`, its process.
service_files() {
  awk '
    function tell(name, key, value) {
      gsub(/[\t\r]/, " ", value)
      print "i " name " " key " " substr(value, 1, 1000)
    }
    function first(file, line) {
      line = ""
      getline line < file
      close(file)
      return line
    }
    /^=/ {
      if (!known[substr($1, 2)]) process(substr($1, 2), $2 + 0)
      next
    }
    {
      count = split($0, part, "/")
      name = part[count]
      folder = part[count - 1]
      if (name ~ /[ \t]/) next
      if (folder == "init.d" || folder == "conf.d") {
        most = 400
        while (most-- > 0 && (getline line < $0) > 0)
          if (match(line, /^[ \t]*(description|output_log|error_log|user|PM2_USER)=/)) {
            key = substr(line, 1, RLENGTH - 1)
            sub(/^[ \t]*/, "", key)
            tell(name, key, substr(line, RLENGTH + 1))
          }
        close($0)
      } else if (name == "child_pid") process(folder, first($0) + 0)
      else tell(folder, name, first($0))
    }
    function process(name, number, file, line, most) {
      if (number <= 0) return
      known[name] = 1
      tell(name, "pid", number)
      file = "/proc/" number "/status"
      most = 60
      while (most-- > 0 && (getline line < file) > 0) if (line ~ /^VmRSS:/) tell(name, "rss", line)
      close(file)
    }'
}

openrc() {
  echo "k openrc $(rc-status --version 2>/dev/null </dev/null | awk 'NR == 1 { print $NF }')"
  patient rc-status -C -s </dev/null 2>/dev/null | lines s 1000000
  for file in /etc/runlevels/*/*; do
    [ ! -e "$file" ] || echo "r ${file#/etc/runlevels/}"
  done
  {
    for file in /etc/init.d/* /etc/conf.d/* /run/openrc/options/*/child_pid /run/openrc/options/*/start_count; do
      [ ! -f "$file" ] || printf '%s\n' "$file"
    done
    pidfiles 2>/dev/null
  } | service_files | head -c 2000000
  echo
  # When each was started: the links that stand for it.
  stat -c '%Y %n' /run/openrc/started/* 2>/dev/null | awk '{ count = split($2, part, "/"); print "i " part[count] " since " $1 }' | head -c 500000
  echo
}

# What an account's pm2 keeps, asked as that account. Its environment holds passwords: what is no part of the answer is left out here.
# shellcheck disable=SC2016 # For the account's shell, and for node.
of_account=$find_pm2'
echo "p $runs $version"
[ -x "$node" ] || { echo "x no-program"; exit 0; }
keep="
let text = \"\";
process.stdin.on(\"data\", piece => text += piece).on(\"end\", () => {
  let list = null;
  for (const part of [text].concat(text.split(\"\\n\").filter(line => line[0] === \"[\"))) try { list = JSON.parse(part) } catch (wrong) {}
  if (!Array.isArray(list)) { console.log(\"x failed\"); return }
  for (const each of list.slice(0, 1000)) {
    const env = each.pm2_env || each, monit = each.monit || {};
    const said = process.argv[1] === \"d\" ? {name: env.name} : {name: each.name, pid: each.pid, id: each.pm_id, memory: monit.memory, status: env.status, restarts: env.restart_time, since: env.pm_uptime, file: env.pm_exec_path, out: env.pm_out_log_path, err: env.pm_err_log_path};
    console.log(process.argv[1] + \" \" + JSON.stringify(said).slice(0, 16000));
  }
});"
if [ "$runs" = 1 ]; then
  [ -n "$pm2" ] || { echo "x no-program"; exit 0; }
  "$pm2" jlist 2>/dev/null </dev/null | head -c 20000000 | "$node" -e "$keep" j
fi
[ ! -f "$PM2_HOME/dump.pm2" ] || head -c 20000000 "$PM2_HOME/dump.pm2" | "$node" -e "$keep" d
echo e'

# An account that hangs is not waited for long, nor are all of them together: no one of them hides what the others keep.
pm2() {
  most=20
  begun=$(date +%s)
  { getent passwd 2>/dev/null || cat /etc/passwd; } | head -c 2000000 | {
    seen=' '
    count=0
    while IFS=: read -r account _ number _ _ home _; do
      [ "${whose:-$account}" = "$account" ] || continue
      case "$seen" in *" $home "*) continue ;; esac
      [ "${home#/?}" != "$home" ] && [ -d "$home/.pm2" ] && [ "$count" -lt 32 ] || continue
      seen="$seen$home "
      count=$((count + 1))
      if [ "$(id -u)" != 0 ] && [ "$number" != "$(id -u)" ]; then
        echo "x pm2 not-allowed $account"
        continue
      fi
      if [ $(($(date +%s) - begun)) -ge 60 ]; then
        echo "x pm2 failed $account"
        continue
      fi
      # What is said by the account is of no other one, whatever it says. What it leaves behind may hold the pipe for longer than it lives.
      as "$account" "$home" "" "" "$of_account" </dev/null 2>/dev/null | patient cat | head -c 4000000 | awk -v account="$account" -v home="$home" '
        /^p [01]/ && !told++ { print "p " account " " home " " substr($0, 3); next }
        /^[jd] \{/ && told { print }
        /^x / { print "x pm2 " $2 " " account; ended = 1 }
        /^e$/ { ended = 1 }
        END { if (!told || !ended) print "x pm2 failed " account }'
    done
  }
}

echo
echo "$n begin"
if [ -d /run/systemd/system ] && has systemctl; then
  [ "${only:-systemd}" != systemd ] || systemd
elif has rc-status && [ -e /run/openrc/softlevel ]; then
  [ "${only:-openrc}" != openrc ] || openrc
fi
[ "${only:-pm2}" != pm2 ] || pm2
echo "$n end"
