#!/bin/sh
# Stands for sudo in tests, which cannot make accounts: same prompts, streams, order, exit status, and use of the input.
#
# What it does is in `sudo.how` beside it:
#   password=TEXT  the right password; empty: NOPASSWD, nothing is asked or read
#   language=fr    the sentences of LANG=fr_FR.UTF-8
#   lecture=yes    the lecture comes before the prompt (Defaults lecture=always)
#   tries=N        passwd_tries
#   refuses=sudoers|command|tty|other
#   dialect=rs     sudo-rs: its prompt is "[sudo: TEXT] Password: "
#   hangs=yes      an authentication that neither asks nor ends
# What it was called with goes to `sudo.called`, and each line that it read to `sudo.read`.
#
# Recorded from sudo 1.9.13p3 of Debian 12, without a terminal, `sudo -k -S -p 'NON%%CE' -- sh -c …`, standard error:
#   right password   [lecture]NON%CE                                                         the command's status
#   wrong, then end  [lecture]NON%CESorry, try again.↵NON%CE↵sudo: no password was provided↵sudo: 1 incorrect password attempt↵   1
#               fr   NON%CEDésolé, essayez de nouveau.↵NON%CE↵sudo: aucun mot de passe fourni↵sudo: 1 saisie de mot de passe incorrecte↵
#   wrong, thrice    NON%CESorry, try again.↵NON%CESorry, try again.↵NON%CEsudo: 3 incorrect password attempts↵   1
#               fr   … sudo: 3 saisies de mots de passe incorrectes↵
#   NOPASSWD         nothing, and the input is the command's                                 the command's status
#   not in sudoers   NON%CEme is not in the sudoers file.↵                                   1
#               fr   NON%CEme n'est pas dans le fichier sudoers.↵
#   other commands   NON%CESorry, user me is not allowed to execute '/usr/bin/sh -c …' as root on vm.↵   1, also in French
#   requiretty       sudo: sorry, you must have a tty to run sudo↵                           1, nothing is asked
#               fr   sudo: désolé, vous devez avoir un terminal tty pour exécuter sudo↵
# and with `-n` in place of `-S`, for all three but requiretty and NOPASSWD:
#                    sudo: a password is required↵                                          1
#               fr   sudo: il est nécessaire de saisir un mot de passe↵

here=${0%/*}
password='' language=en lecture='' tries=3 refuses='' dialect='' hangs=''
# shellcheck disable=SC1091
. "$here/sudo.how"
printf '%s\n' "$*" >>"$here/sudo.called"

asks='' prompt='[sudo] password for me: '
while [ "$#" -gt 0 ]; do
    case $1 in
        -k) ;;
        -S) asks=yes ;;
        -n) asks='' ;;
        -p) prompt=$(printf '%s' "$2" | sed 's/%%/%/g') && shift ;;
        --) shift && break ;;
        *) break ;;
    esac
    shift
done
[ "$dialect" != rs ] || prompt="[sudo: $prompt] Password: "

say() {
    [ "$language" != fr ] || shift
    printf '%s\n' "$1" >&2
}

fails() {
    if [ "$1" = 1 ]; then
        say 'sudo: 1 incorrect password attempt' 'sudo: 1 saisie de mot de passe incorrecte'
    else
        say "sudo: $1 incorrect password attempts" "sudo: $1 saisies de mots de passe incorrectes"
    fi
    exit 1
}

if [ "$hangs" = yes ]; then
    echo "$$" >"$here/sudo.pid"
    exec sleep 1111
fi
if [ "$refuses" = tty ]; then
    say 'sudo: sorry, you must have a tty to run sudo' 'sudo: désolé, vous devez avoir un terminal tty pour exécuter sudo'
    exit 1
fi
if [ -n "$password" ] && [ -z "$asks" ]; then
    say 'sudo: a password is required' 'sudo: il est nécessaire de saisir un mot de passe'
    exit 1
fi
if [ -n "$password" ]; then
    if [ "$lecture" = yes ]; then
        say '
We trust you have received the usual lecture from the local System
Administrator. It usually boils down to these three things:

    #1) Respect the privacy of others.
    #2) Think before you type.
    #3) With great power comes great responsibility.

For security reasons, the password you type will not be visible.
' '
Nous espérons que vous avez reçu de votre administrateur système local
les consignes traditionnelles. Généralement, elles se concentrent sur ces trois éléments :

    #1) Respectez la vie privée des autres.
    #2) Réfléchissez avant d'\''utiliser le clavier.
    #3) De grands pouvoirs confèrent de grandes responsabilités.

Pour des raisons de sécurité, le mot de passe que vous tapez ne sera pas visible.
'
    fi
    try=1
    while :; do
        printf '%s' "$prompt" >&2
        if ! IFS= read -r line; then
            printf '\n' >&2
            say 'sudo: no password was provided' 'sudo: aucun mot de passe fourni'
            fails "$((try - 1))"
        fi
        printf '%s\n' "$line" >>"$here/sudo.read"
        [ "$line" != "$password" ] || break
        [ "$try" -lt "$tries" ] || fails "$try"
        say 'Sorry, try again.' 'Désolé, essayez de nouveau.'
        try=$((try + 1))
    done
fi
case $refuses in
    sudoers) say 'me is not in the sudoers file.' "me n'est pas dans le fichier sudoers." && exit 1 ;;
    command) printf "Sorry, user me is not allowed to execute '%s' as root on vm.\n" "$*" >&2 && exit 1 ;;
    other) printf 'sudo: PAM account management error: %s\033[2J\n' "$password" >&2 && exit 1 ;;
esac

# As sudo does: the command has an environment of its own (env_reset), sudo waits for it and ends as it did.
env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root "$@"
status=$?
[ "$status" -le 128 ] || kill -s "$(kill -l "$status")" "$$"
exit "$status"
