# Where the account keeps what Beffroi leaves on this host. A part of job.sh, place.sh and lifeline.sh, which stand behind it.

# Sets base; false where it has no home.
state_base() {
    # What sudo leaves of the login's environment is not for the account that it leads to.
    state_home=${XDG_STATE_HOME:-}
    [ -z "${SUDO_UID:-}${DOAS_USER:-}" ] || state_home=
    case $state_home in
        /*) base=$state_home/beffroi ;;
        *) if [ "$(id -u)" = 0 ]; then
            base=/var/lib/beffroi
        else
            [ -n "${HOME:-}" ] && base=$HOME/.local/state/beffroi
        fi ;;
    esac
}

