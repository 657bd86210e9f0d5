# What the reading of processes and their changes share: how an account's pm2 is found, and asked as that account. POSIX sh.
# Stands before processes.sh and process-change.sh.
# shellcheck disable=SC2034 # Used by what follows.

LC_ALL=C
PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

has() {
  command -v "$1" >/dev/null 2>&1
}

# Waits for a program that may hang, `most` seconds, where the host has what it takes.
most=60
patient() {
  if has timeout; then
    timeout "$most" "$@"
  else
    "$@"
  fi
}

# as ACCOUNT HOME VERB NAME TEXT: runs a text as an account, with nothing of the environment here; it finds VERB and NAME in its own.
as() {
  account=$1 home=$2 text=$5
  set -- PATH="$PATH" HOME="$2" USER="$1" LOGNAME="$1" PM2_HOME="$2/.pm2" BEFFROI_VERB="$3" BEFFROI_NAME="$4"
  if [ "$account" = "$(id -un)" ]; then
    patient env -i "$@" sh -c "$text"
  elif has runuser; then
    patient env -i "$@" runuser -u "$account" -- sh -c "$text"
  else
    patient env -i "$@" su -s /bin/sh "$account" -c "$text"
  fi
}

# For the account's shell. Sets runs, node and pm2: whether its daemon is there is looked up, since pm2 starts one whatever it is asked.
# shellcheck disable=SC2016
find_pm2='cd / || exit 1
verb=$BEFFROI_VERB name=$BEFFROI_NAME
unset BEFFROI_VERB BEFFROI_NAME
node=$(command -v node) pid=
{ read -r pid <"$PM2_HOME/pm2.pid" || :; } 2>/dev/null
case $pid in *[!0-9]*) pid= ;; esac
runs=0
if [ -n "$pid" ] && { tr "\000" " " <"/proc/$pid/cmdline" | grep -q "PM2.*God Daemon"; } 2>/dev/null; then
  runs=1
  node=$(readlink "/proc/$pid/exe") || node=$(command -v node)
fi
[ -n "$node" ] || for node in "$HOME"/.nvm/versions/node/*/bin/node; do :; done
PATH=$PATH:${node%/*}
export PATH
pm2=$(command -v pm2) || pm2=
version=
[ -z "$pm2" ] || version=$(grep -m 1 "\"version\"" "$(dirname "$(readlink -f "$pm2")")/../package.json" | tr -cd "0-9.")
'
