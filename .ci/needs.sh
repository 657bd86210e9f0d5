# shellcheck shell=bash
# Sourced by ./dev, which sets `cache`: installs what is missing, and says what and why.
# Written for Debian 12 with nothing but git; elsewhere it says what it would need.

RUST=1.95
NODE=20.19

say() { printf '%s\n' "$*" >&2; }
die() { say "dev: $*"; exit 1; }

# at_least WANTED FOUND: whether a version is new enough.
at_least() { [[ -n $2 && $(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1) == "$1" ]]; }

# packages WHY PACKAGE…: Debian packages, those that are absent only.
packages() {
  local why=$1 package missing=()
  shift
  command -v dpkg-query >/dev/null || return 0
  for package in "$@"; do
    [[ $(dpkg-query -W -f='${db:Status-Abbrev}' "$package" 2>/dev/null) == ?i* ]] || missing+=("$package")
  done
  ((${#missing[@]})) || return 0
  say "Installing with apt ($why): ${missing[*]}"
  local as_root=()
  if ((EUID != 0)); then
    command -v sudo >/dev/null || die "as root, please: apt-get install --no-install-recommends ${missing[*]}"
    as_root=(sudo)
  fi
  # The lab runs its own servers on 127.0.0.1. Installing one must not open port 22 of this machine.
  if [[ " ${missing[*]} " == *" openssh-server "* && -d /run/systemd/system ]]; then
    say "The system's own ssh.service is masked, so that this machine does not start to listen (systemctl unmask ssh undoes it)."
    "${as_root[@]}" systemctl mask ssh.service ssh.socket
  fi
  apt_install "${missing[@]}" || { "${as_root[@]}" apt-get -o DPkg::Lock::Timeout=600 update && apt_install "${missing[@]}"; }
}

apt_install() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 \
    install --yes --no-install-recommends "$@"
}

need_build() {
  packages "a C compiler and OpenSSL, for SQLCipher" build-essential pkg-config libssl-dev
  need_rust
}

need_window() {
  packages "GTK and WebKit, for the window" libwebkit2gtk-4.1-dev libgtk-3-dev librsvg2-common fonts-dejavu-core
  # The shell is compiled around ui/dist; before the first build of the page, around an empty one.
  mkdir -p ui/dist
  [[ -e ui/dist/index.html ]] || : >ui/dist/index.html
}

need_lab() {
  packages "OpenSSH servers on 127.0.0.1 and Python, for the lab" openssh-server openssh-client python3
}

need_lab_full() {
  # LXC's own bridge, with its DHCP server, is of no use to the lab, which makes networks of its own.
  if [[ -d /run/systemd/system && ! -e /usr/bin/lxc-start ]]; then
    say "The system's own lxc-net.service is masked, so that no bridge and no DHCP server start (systemctl unmask lxc-net undoes it)."
    local as_root=()
    ((EUID == 0)) || as_root=(sudo)
    "${as_root[@]}" systemctl mask lxc-net.service
  fi
  packages "containers and what their file systems are made with, for the lab" lxc debootstrap iproute2 openssl
}

need_tests() {
  packages "a screen nobody sees and WebKit's driver, for the tests of the window" xvfb xauth dbus webkit2gtk-driver
  packages "a bus and a keyring, for the tests of the keyring and of the screen lock" dbus gnome-keyring
  packages "a tracer, for the test that follows every process" strace
  packages "other shells, for the tests of the scripts that run on hosts" dash busybox-static
  packages "the programs whose files are read and written" \
    keepassxc putty-tools age pass gopass gnupg openssl oathtool ansible-core
}

need_bench() {
  packages "what Beffroi is measured against, beside OpenSSH" ansible-core
  packages "a screen nobody sees, to find a window on it, and to drive it" xvfb xauth xdotool dbus webkit2gtk-driver
}

need_rust() {
  [[ -d $HOME/.cargo/bin ]] && PATH=$HOME/.cargo/bin:$PATH
  at_least $RUST "$(rust_version)" && return
  if command -v rustup >/dev/null; then
    say "Rust $RUST or newer is needed, $(rust_version) is here: asking rustup for stable."
    rustup toolchain install stable --profile minimal --component clippy --component rustfmt
    export RUSTUP_TOOLCHAIN=stable
  else
    say "Rust $RUST or newer is needed, and Debian's is older: installing it for this account with rustup, from rustup.rs."
    packages "to fetch rustup" curl ca-certificates
    curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs |
      sh -s -- -y --no-modify-path --default-toolchain stable --profile minimal --component clippy --component rustfmt ||
      die "install Rust $RUST or newer by hand (https://rustup.rs), then come back"
    PATH=$HOME/.cargo/bin:$PATH
  fi
  at_least $RUST "$(rust_version)" || die "Rust is still older than $RUST"
}

rust_version() { cargo --version 2>/dev/null | cut -d ' ' -f 2; }

need_node() {
  local trusted=/etc/ssl/certs/ca-certificates.crt
  # shellcheck disable=SC2154
  PATH=$cache/node/node_modules/.bin:$PATH
  # Debian's Node trusts what the system trusts, a company's own authority included; npm's Node only its own list.
  [[ ! -e $trusted ]] || export NODE_EXTRA_CA_CERTS=${NODE_EXTRA_CA_CERTS:-$trusted}
  at_least $NODE "$(node_version)" && command -v npm >/dev/null && return
  say "Node $NODE or newer is needed, and Debian's is older: its npm fetches a newer one into $cache/node."
  command -v npm >/dev/null || packages "npm, to fetch a newer Node" npm
  npm install --no-save --no-audit --no-fund --prefix "$cache/node" node@22 npm@10
  hash -r
  at_least $NODE "$(node_version)" || die "install Node $NODE or newer by hand, then come back"
}

node_version() { node --version 2>/dev/null | tr -d v; }

# node_modules FOLDER: npm ci, unless what is there came from this very lock file.
node_modules() {
  local stamp
  stamp="$(node --version) $(sha256sum <"$1/package-lock.json")"
  [[ $(cat "$1/node_modules/.beffroi-lock" 2>/dev/null) == "$stamp" ]] && return
  npm ci --prefix "$1" --no-audit --no-fund
  printf '%s' "$stamp" >"$1/node_modules/.beffroi-lock"
}

# tool NAME VERSION: a cargo tool at that version, from its own folder.
tool() {
  PATH=$cache/tools/bin:$PATH
  [[ $("$1" --version 2>/dev/null) == *" $2"* ]] && return
  say "Installing $1 $2 into $cache/tools; this takes minutes, once."
  env -u CARGO_TARGET_DIR cargo install --locked --root "$cache/tools" --version "$2" "$1"
}
