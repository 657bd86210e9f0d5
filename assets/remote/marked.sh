# How a command is known by its mark, of which the killer is told on standard input; random and used once. A part of kill.sh and
# guest-kill.sh, which stand behind it.

IFS= read -r mark && [ -n "$mark" ] || exit 2

# holds FILE: whether the mark stands in it. Not by grep: that of busybox reads no line beyond its first NUL. What is read of a
# process that ends meanwhile fails, and leaves the line as it was: the first failure is the end.
holds() {
    more=yes
    while [ -n "$more" ]; do
        IFS= read -r line || more=
        case $line in
            *"$mark"*) return 0 ;;
        esac
    done <"$1"
    return 1
} 2>/dev/null

