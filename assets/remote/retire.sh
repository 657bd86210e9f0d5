# Takes a public key out of the account's authorized keys (sshd(8), AUTHORIZED_KEYS FILE FORMAT), once another one is there.
# Standard input, a line each: the key that goes and the key that stays, as `TYPE BASE64`. Lines of the first, whatever their
# blanks and their comment, go; one with options is somebody's own and stays. POSIX sh with GNU or busybox tools.
# Ends with 0 when the key is nowhere, with 67 when it stands there in another form, with 68 when the other one is missing.

set -u
umask 077
IFS= read -r gone && IFS= read -r kept && [ -n "$gone" ] && [ -n "$kept" ] || { echo 'no key came' >&2 && exit 64; }
folder=${HOME:?}/.ssh
# Whether a line of the files has the key, with whatever before and after it. Between its type and its Base64 there may be any
# blanks, so that the latter is looked for, which no other key has.
stands() {
    cat "$folder/authorized_keys" "$folder/authorized_keys2" 2>/dev/null | grep -v '^[[:space:]]*#' | grep -qF -e "${1#* }"
}
# Whether a line begins with the key.
begins() {
    wanted=$1
    set -f
    # shellcheck disable=SC2086
    set -- $2
    [ "${1:-} ${2:-}" = "$wanted" ]
}
stands "$kept" || { echo 'the other key is not there' >&2 && exit 68; }
for file in "$folder/authorized_keys" "$folder/authorized_keys2"; do
    [ -f "$file" ] || continue
    [ ! -L "$file" ] || file=$(readlink -f "$file") || exit 66
    new=$file.beffroi-$$
    trap 'rm -f "$new"' EXIT
    cp -p "$file" "$new" || exit 66
    : >"$new" || exit 66
    while line= && { IFS= read -r line || [ -n "$line" ]; }; do
        begins "$gone" "$line" || printf '%s\n' "$line" >>"$new" || exit 66
    done <"$file"
    if cmp -s "$file" "$new"; then rm -f "$new"; else mv "$new" "$file" || exit 66; fi
    if command -v restorecon >/dev/null 2>&1; then
        restorecon -F "$file" 2>/dev/null
    fi
done
! stands "$gone" || { echo 'the key stands there with options' >&2 && exit 67; }
