# Adds the public key on standard input, one line, to the account's authorized keys (sshd(8), AUTHORIZED_KEYS FILE FORMAT),
# unless it stands there. POSIX sh with GNU or busybox tools. Ends with 0 when the key is there.

set -u
umask 077
IFS= read -r key && [ -n "$key" ] || { echo 'no key came' >&2 && exit 64; }
[ -n "${HOME:-}" ] || { echo 'HOME is not set' >&2 && exit 65; }
folder=$HOME/.ssh
file=$folder/authorized_keys
[ -d "$folder" ] || mkdir -p "$folder" || exit 66
if [ -f "$file" ] && grep -qxF -e "$key" "$file"; then
    exit 0
fi
# The file is replaced whole, so that a full disk leaves the old one; a symbolic link is followed.
[ ! -L "$file" ] || file=$(readlink -f "$file") || exit 66
new=$file.beffroi-$$
trap 'rm -f "$new"' EXIT
if [ -f "$file" ]; then
    cp -p "$file" "$new" || exit 66
    # A last line without an end would swallow the key.
    [ -z "$(tail -c 1 "$new")" ] || echo >>"$new" || exit 66
fi
printf '%s\n' "$key" >>"$new" && mv "$new" "$file" || exit 66
if command -v restorecon >/dev/null 2>&1; then
    restorecon -F "$folder" "$file" 2>/dev/null
fi
grep -qxF -e "$key" "$file"
