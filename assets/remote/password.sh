# Sets the password of an account. Standard input, a line each: `root` or `own` (whose rights it has), the account, its
# password, the new one. POSIX sh with shadow or busybox. Ends with 67 when the account is none of the machine's own
# (passwd(5)). Nothing is an argument of a program: printf is the shell's.

set -u
IFS= read -r how && IFS= read -r account && IFS= read -r old && IFS= read -r new && [ -n "$new" ] || { echo 'no password came' >&2 && exit 64; }
found=
while IFS=: read -r name _; do
    [ "$name" != "$account" ] || found=1
done </etc/passwd
[ -n "$found" ] || { echo 'not an account of the machine' >&2 && exit 67; }
if [ "$how" = root ]; then
    set --
    # Busybox hashes with DES, which takes eight characters, unless it is told otherwise.
    case $(readlink -f "$(command -v chpasswd)") in
    *busybox*) set -- -c sha512 ;;
    esac
    printf '%s:%s\n' "$account" "$new" | chpasswd "$@"
else
    # passwd(1) asks for the password, and twice for the new one.
    printf '%s\n%s\n%s\n' "$old" "$new" "$new" | LC_ALL=C passwd
fi
