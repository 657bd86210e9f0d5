# What is state in a root, noted in the guest itself: `/etc/beffroi/base` the moment from which on what is written is state,
# `/etc/beffroi/strays` what was written before that moment was moved. For drivers whose roots the host does not see.

strays() {
    [ "$(guest_state)" = running ] || fail 'what lies in its root can be seen while the guest runs: start it first'
    # shellcheck disable=SC2154
    told /dev/null "$written_text"'
        [ ! -e /etc/beffroi/strays ] || while IFS= read -r one; do [ ! -e "$one" ] || echo "$one"; done </etc/beffroi/strays
        if [ -e /etc/beffroi/base ]; then written / /etc/beffroi/base; else echo unknown; fi' >"$here/newer" || return 1
    ! grep -qx unknown "$here/newer" ||
        fail 'what is state in its root is not known, since it was not made to its end: end that first (beffroi guest create)' 3
    not_in_volumes <"$here/newer" | head -n 1000
}

before_change() {
    (strays) >"$here/strays.new" 2>/dev/null || return 0
    inside '[ -e /etc/beffroi/base ] || exit 0; cat >/etc/beffroi/strays; rm -f /etc/beffroi/base' <"$here/strays.new"
}

mark_base() {
    inside '[ -e /etc/beffroi/base ] || { mkdir -p /etc/beffroi && : >/etc/beffroi/base; }' </dev/null
}

# Only classic LXC gives ranges of ids itself.
part_ids() { :; }
