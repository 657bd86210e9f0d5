# Changes a process that is kept on this host, or looks whether it is as it was to be. Each may be begun again wherever it was cut.
# POSIX sh: dash, bash, busybox ash. Comes after pm2.sh and the line that sets:
#   set -- systemd VERB UNIT
#   set -- openrc VERB SERVICE FILE...
#   set -- pm2 VERB NAME ACCOUNT HOME INIT FILE...
# VERB: start, stop, restart, enable, disable; is-running, is-stopped, is-at-boot, is-not-at-boot, which end badly where it is not so.
# INIT: what starts pm2 with the machine, systemd or openrc. FILE: what the process writes to.
# shellcheck disable=SC2154 # find_pm2

keeper=$1 verb=$2 name=$3
case $keeper in
  pm2) account=$4 home=$5 init=$6 && shift 6 ;;
  *) shift 3 ;;
esac

fail() {
  echo "$1" >&2
  exit 1
}

# The end of what it wrote, where it is not as it should be; then how it is.
last_words() {
  case $keeper in
    systemd) journalctl --quiet --no-pager -o cat -n 3 "_SYSTEMD_UNIT=$name" >&2 2>/dev/null || : ;;
    openrc)
      for file in "$@"; do
        # In a folder of the service's account, a link may lead anywhere.
        [ ! -f "$file" ] || [ -L "$file" ] || tail -c 65536 "$file" | tail -n 3 >&2
      done
      ;;
    pm2)
      for file in "$@"; do
        # As the account: which file that is, is its own to say.
        as "$account" "$home" '' "$file" 'tail -c 65536 "$BEFFROI_NAME" | tail -n 3' >&2 2>/dev/null
      done
      ;;
  esac
}

# What pm2 has of a name, a line for each: number, process, restarts, state.
# shellcheck disable=SC2016
own=$find_pm2'
pick="
let text = \"\";
process.stdin.on(\"data\", piece => text += piece).on(\"end\", () => {
  let list = null;
  for (const part of [text].concat(text.split(\"\\n\").filter(line => line[0] === \"[\"))) try { list = JSON.parse(part) } catch (wrong) {}
  if (!Array.isArray(list)) process.exit(1);
  for (const each of list) {
    const env = each.pm2_env || each;
    if (String(each.name) === process.argv[1]) console.log(each.pm_id, each.pid, env.restart_time, String(env.status).replace(/ /g, \"-\"));
  }
});"
drop="
const fs = require(\"fs\"), file = process.argv[1];
const left = JSON.parse(fs.readFileSync(file)).filter(each => String(each.name) !== process.argv[2]);
fs.writeFileSync(file + \".beffroi\", JSON.stringify(left, null, 2), {mode: fs.statSync(file).mode & 0o777});
fs.renameSync(file + \".beffroi\", file);"
dump=$PM2_HOME/dump.pm2
[ -x "$node" ] && [ -n "$pm2" ] || { echo "pm2 or node is not where it is looked for" >&2; exit 1; }
states() { [ "$runs" != 1 ] || "$pm2" jlist 2>/dev/null </dev/null | "$node" -e "$pick" "$name"; }
saved() { [ -f "$dump" ] && [ -n "$("$node" -e "$pick" "$name" <"$dump")" ]; }
each() { all=$(states) || return 1; [ -z "$all" ] || echo "$all" | while read -r id pid restarts state; do [ "$state" = "$2" ] || "$pm2" "$1" "$id" </dev/null >/dev/null || exit 1; done; }
case $verb in
  start | restart)
    if [ "$runs" = 1 ]; then
      if [ "$verb" = start ]; then each restart online; else each restart; fi
    else
      "$pm2" resurrect </dev/null
    fi
    ;;
  stop) each stop stopped ;;
  states) states ;;
  saved) saved ;;
  save) if [ "$runs" = 1 ]; then "$pm2" save </dev/null; else saved; fi ;;
  drop) ! saved || "$node" -e "$drop" "$dump" "$name" ;;
  left) [ -f "$dump" ] && "$node" -e "process.exit(JSON.parse(require(\"fs\").readFileSync(process.argv[1])).length ? 0 : 1)" "$dump" ;;
esac'

of_pm2() {
  as "$account" "$home" "$1" "$name" "$own"
}

# Whose pm2 the script of OpenRC starts: there is one for the whole machine. `user=${PM2_USER:-ada}`, or just the account.
whose() {
  cat /etc/init.d/pm2 /etc/conf.d/pm2 2>/dev/null | awk '
    match($0, /^[ \t]*(user|PM2_USER)=/) {
      key = $0 ~ /^[ \t]*user/ ? "user" : "PM2_USER"
      value = substr($0, RLENGTH + 1)
      gsub(/["\047]/, "", value)
      sub(/[ \t].*/, "", value)
      sub(/}+$/, "", value)
      sub(/.*:-/, "", value)
      found[key] = value
    }
    END { print ("PM2_USER" in found ? found["PM2_USER"] : found["user"]) }'
}

# The unit or the script that starts an account's pm2 with the machine.
with_machine() {
  case $init:$1 in
    systemd:is) systemctl is-enabled --quiet "pm2-$account.service" 2>/dev/null ;;
    systemd:off) systemctl disable "pm2-$account.service" ;;
    openrc:is) [ -e /etc/runlevels/default/pm2 ] && [ "$(whose)" = "$account" ] ;;
    openrc:off) rc-update delete pm2 default ;;
    *:on)
      [ "$init" != openrc ] || [ ! -e /etc/init.d/pm2 ] || [ "$(whose)" = "$account" ] ||
        fail "the service pm2 starts the pm2 of $(whose): OpenRC has one for the whole machine"
      pm2=$(as "$account" "$home" '' '' "$find_pm2"'printf "%s\n%s\n" "$pm2" "${node%/*}"') || fail 'pm2 is not where it is looked for'
      bin=${pm2#*
}
      PATH=$PATH:$bin "${pm2%%
*}" startup "$init" -u "$account" --hp "$home" </dev/null
      ;;
  esac
}

# Says how it is: "up KEY", the same KEY while nothing is started again; "busy WORDS" while it changes, or when nobody tells;
# "down WORDS".
how() {
  case $keeper in
    systemd)
      active='' result='' kind='' pid='' restarts='' status=''
      while IFS='=' read -r key value; do
        case $key in
          ActiveState) active=$value ;;
          Result) result=$value ;;
          Type) kind=$value ;;
          MainPID) pid=$value ;;
          NRestarts) restarts=$value ;;
          ExecMainStatus) status=$value ;;
        esac
      done <<EOF
$(systemctl show --property=ActiveState,Result,Type,MainPID,NRestarts,ExecMainStatus -- "$name")
EOF
      case $active:$kind:$result in
        active:* | reloading:*) echo "up $pid $restarts" ;;
        inactive:oneshot:success) echo 'up once' ;;
        :*) echo 'busy in a state that systemd does not tell' ;;
        activating:* | deactivating:*) echo "busy $active ($result, status $status)" ;;
        *) echo "down $active ($result, status $status)" ;;
      esac
      ;;
    openrc)
      rc-service "$name" status >/dev/null 2>&1 </dev/null
      status=$?
      child='' restarts=''
      { read -r child || :; } 2>/dev/null <"/run/openrc/options/$name/child_pid"
      { read -r restarts || :; } 2>/dev/null <"/run/openrc/options/$name/start_count"
      case $status in
        0) if [ -n "$child" ] && [ ! -d "/proc/$child" ]; then echo 'busy started again and again'; else echo "up $child $restarts"; fi ;;
        4 | 8 | 16) echo 'busy starting' ;;
        32) echo 'down crashed' ;;
        *) echo 'down stopped' ;;
      esac
      ;;
    pm2)
      states=$(of_pm2 states) || {
        echo 'busy in a state that pm2 does not tell'
        return
      }
      case $states in
        '') echo 'down stopped' ;;
        *launching* | *waiting* | *stopping*) echo 'busy started again and again' ;;
        *online*stopped* | *stopped*online* | *online*errored* | *errored*online*) echo 'busy running in part' ;;
        *errored*) echo 'down errored' ;;
        *stopped*) echo 'down stopped' ;;
        *) echo "up $states" | tr '\n' ' ' ;;
      esac
      ;;
  esac
}

# It runs, and was not started again in between.
is_running() {
  before='' same=0 round=0 downs=0
  while [ "$round" -lt 15 ]; do
    now=$(how)
    case $now in
      up*) downs=0 && if [ "$now" = "$before" ]; then same=$((same + 1)); else same=0; fi ;;
      down*) same=0 downs=$((downs + 1)) ;;
      *) same=0 downs=0 ;;
    esac
    [ "$same" -lt 3 ] || return 0
    [ "$downs" -lt 3 ] || break
    before=$now round=$((round + 1))
    sleep 1
  done
  last_words "$@"
  case $now in
    up*) fail "$name is started again and again" ;;
    *) fail "$name is ${now#* }" ;;
  esac
}

is_stopped() {
  round=0
  while [ "$round" -lt 15 ]; do
    now=$(how)
    case $now in down* | 'up once') return 0 ;; esac
    round=$((round + 1))
    sleep 1
  done
  case $now in
    up*) fail "$name still runs" ;;
    *) fail "$name is ${now#* }" ;;
  esac
}

is_at_boot() {
  case $keeper in
    systemd) systemctl is-enabled --quiet -- "$name" 2>/dev/null ;;
    openrc) [ -e "/etc/runlevels/default/$name" ] || [ -e "/etc/runlevels/boot/$name" ] || [ -e "/etc/runlevels/sysinit/$name" ] ;;
    pm2) of_pm2 saved && with_machine is ;;
  esac
}

# A server of logins with faults in its configuration would not be there again.
case $verb:$name in
  restart:ssh.service | restart:sshd.service | restart:sshd) ! has sshd || sshd -t || fail 'the configuration of sshd has faults: it was left running' ;;
esac

case $keeper:$verb in
  *:is-running) is_running "$@" ;;
  *:is-stopped) is_stopped ;;
  *:is-at-boot) is_at_boot || fail "$name is not started with the machine" ;;
  *:is-not-at-boot) ! is_at_boot || fail "$name is still started with the machine" ;;

  systemd:start)
    # What failed too often in a row is not started again but after this.
    systemctl reset-failed -- "$name" 2>/dev/null
    systemctl start -- "$name" || { last_words; fail "$name did not start"; }
    ;;
  systemd:restart)
    systemctl reset-failed -- "$name" 2>/dev/null
    systemctl restart -- "$name" || { last_words; fail "$name did not start"; }
    ;;
  systemd:*) systemctl "$verb" -- "$name" ;;

  openrc:start | openrc:restart)
    rc-service "$name" status >/dev/null 2>&1 </dev/null
    # One that died is taken for started until this is said.
    [ "$?" != 32 ] || rc-service "$name" zap </dev/null
    rc-service "$name" "$verb" </dev/null || { last_words "$@"; fail "$name did not start"; }
    ;;
  openrc:stop) rc-service "$name" stop </dev/null ;;
  openrc:enable) is_at_boot || rc-update add "$name" default ;;
  openrc:disable)
    for level in sysinit boot default; do
      [ ! -e "/etc/runlevels/$level/$name" ] || rc-update delete "$name" "$level" || fail "$name is still in the runlevel $level"
    done
    ;;

  pm2:start | pm2:restart)
    # Where the system starts the account's pm2, it goes on being the system's to keep.
    case $(of_pm2 states):$init in
      :systemd) ! with_machine is || systemctl start "pm2-$account.service" || fail "pm2-$account.service did not start" ;;
      :openrc) ! with_machine is || rc-service pm2 start </dev/null || fail 'the service pm2 did not start' ;;
    esac
    of_pm2 "$verb" || { last_words "$@"; fail "$name did not start"; }
    ;;
  pm2:stop) of_pm2 stop ;;
  pm2:enable) of_pm2 save && { with_machine is || with_machine on; } ;;
  pm2:disable)
    of_pm2 drop || fail 'the list that is brought back could not be written'
    of_pm2 left || ! with_machine is || with_machine off
    ;;
  *) fail "unknown: $keeper $verb" ;;
esac
