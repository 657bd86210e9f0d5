# Takes a public key out of the account's authorized keys (sshd(8), AUTHORIZED_KEYS FILE FORMAT), once another one is there.
# Standard input, a line each: the key that goes and the key that stays, as `TYPE BASE64`. Lines of the first, whatever their
# comment, go; one with options is somebody's own and stays. POSIX sh with GNU or busybox tools.
# Ends with 0 when the key is nowhere, with 67 when it stands there in another form, with 68 when the other one is missing.

set -u
umask 077
IFS= read -r gone && IFS= read -r kept && [ -n "$gone" ] && [ -n "$kept" ] || { echo 'no key came' >&2 && exit 64; }
folder=${HOME:?}/.ssh
file=$folder/authorized_keys
# Whether a line of the files has the key, with whatever before and after it.
stands() {
    cat "$folder/authorized_keys" "$folder/authorized_keys2" 2>/dev/null | grep -v '^[[:space:]]*#' | grep -qF -e "$1"
}
stands "$kept" || { echo 'the other key is not there' >&2 && exit 68; }
if [ -f "$file" ]; then
    [ ! -L "$file" ] || file=$(readlink -f "$file") || exit 66
    new=$file.beffroi-$$
    trap 'rm -f "$new"' EXIT
    cp -p "$file" "$new" || exit 66
    : >"$new" || exit 66
    while IFS= read -r line || [ -n "$line" ]; do
        case $line in
        "$gone" | "$gone "*) ;;
        *) printf '%s\n' "$line" >>"$new" || exit 66 ;;
        esac
    done <"$file"
    cmp -s "$file" "$new" || mv "$new" "$file" || exit 66
    if command -v restorecon >/dev/null 2>&1; then
        restorecon -F "$file" 2>/dev/null
    fi
fi
! stands "$gone" || { echo 'the key stands there with options' >&2 && exit 67; }
